/** Direct connects to names with several addresses: a race (RFC 8305), of which client, record and the next connect see the winner. */

import http from 'node:http';
import t from 'tap';
import { parseIp } from '#net/ip.ts';
import { freePort } from '../../scripts/lib/ports.ts';
import { blackHole } from '../fixtures/black-hole.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOriginWith, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { standStillWithUs } from '../fixtures/stopwatch.ts';

/** A proxy to which `two.example` leads to these, in that order. */
function proxyTo(
  addresses: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<TestProxy> {
  const hosts = `{ two.example: [${addresses.map((one) => `"${one}"`).join(', ')}] }`;
  const guard = '{ allow: [127.0.0.0/8, "::1/128", 255.255.255.255/32] }';
  return startProxy(yamlOf({ dns: `{ hostsFile: none, hosts: ${hosts} }`, guard, ...more }));
}

async function head(proxy: TestProxy, port: number, method = 'CONNECT'): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  const target = method === 'CONNECT' ? `two.example:${port}` : `http://two.example:${port}/`;
  client.send(`${method} ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const answer = await client.head();
  client.end();
  return answer;
}

t.test('where the first address is silent the next is tried soon, and first from then on', async (t) => {
  standStillWithUs(t);
  await using hole = await blackHole();
  await using origin = await rawOrigin('127.0.0.2', hole.port);
  await using proxy = await proxyTo(['127.0.0.1', '127.0.0.2']);
  for (const isFirst of [true, false]) {
    t.match(await head(proxy, hole.port), /^HTTP\/1\.1 200 (.+\r\n)*Proxy-Status: t;next-hop="127\.0\.0\.2:/);
    (await origin.accept()).end();
    const records = await proxy.ended(isFirst ? 1 : 2);
    const { upstreamIp, connectMs = 0, outcome } = records.at(-1) ?? {};
    t.same({ upstreamIp, outcome }, { upstreamIp: '127.0.0.2', outcome: 'completed' });
    t.equal(connectMs >= 250, isFirst, `${connectMs} ms`);
    t.ok(connectMs < 2_000, 'long before the time for one address is over');
  }
  t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 3, 'the second time nobody else was dialled');
});

t.test('where the first address refuses the next is tried at once', async (t) => {
  standStillWithUs(t);
  await using origin = await rawOrigin('127.0.0.2', await freePort());
  await using proxy = await proxyTo(['127.0.0.1', '127.0.0.2']);
  t.match(await head(proxy, origin.port), /^HTTP\/1\.1 200 /);
  (await origin.accept()).end();
  const [record] = await proxy.ended(1);
  t.equal(record?.upstreamIp, '127.0.0.2');
  t.ok((record?.connectMs ?? 250) < 250, `${record?.connectMs} ms`);
});

t.test('where no address answers in time that is told, once all have had theirs', async (t) => {
  await using hole = await blackHole();
  await using proxy = await proxyTo(['127.0.0.1', '127.0.0.2'], { timeouts: '{ connect: 600ms }' });
  t.match(await head(proxy, hole.port), /^HTTP\/1\.1 504 Target did not answer in time \(t\)/);
  t.match(await proxy.ended(1), [{ reason: 'connection_timeout', upstreamIp: '127.0.0.2' }]);
});

t.test('an address without a path to it does not hide what another one said', async (t) => {
  await using proxy = await proxyTo(['127.0.0.1', '255.255.255.255']);
  t.match(await head(proxy, await closedPort()), /^HTTP\/1\.1 502 Target refused the connection/);
  t.match(await proxy.ended(1), [{ reason: 'connection_refused', detail: /127\.0\.0\.1 port/ }]);
});

// Attacks: both-closed.
t.test('a client that leaves ends every attempt', async (t) => {
  await using hole = await blackHole();
  await using proxy = await proxyTo(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  const { ledger } = proxy.proxy.context.tools;
  await using client = await RawClient.connect(proxy.port);
  client.send(`CONNECT two.example:${hole.port} HTTP/1.1\r\nHost: x\r\n\r\n`);
  while (ledger.opened.upstream < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  client.reset();
  t.match(await proxy.ended(1), [{ outcome: 'client_gone' }]);
  await proxy.allClosed();
});

// Attacks: bounded.
t.test('of a name that leads to very many addresses only some are tried', async (t) => {
  const many = Array.from({ length: 40 }, (_, i) => `127.0.1.${i + 1}`);
  await using proxy = await proxyTo(many);
  t.match(await head(proxy, await closedPort()), /^HTTP\/1\.1 502 Target refused the connection/);
  t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 16);
});

t.test('plain HTTP begins with the address that worked before', async (t) => {
  await using origin = await httpOriginWith(
    http.createServer((_request, response) => response.end('hi')),
    { host: '127.0.0.2', port: await freePort() },
  );
  await using proxy = await proxyTo(['127.0.0.1', '127.0.0.2']);
  t.match(await head(proxy, origin.port, 'GET'), /^HTTP\/1\.1 200 OK/);
  const candidates = ['127.0.0.1', '127.0.0.2'].map((text) => ({ ip: parseIp(text) as { text: string } }));
  const [first] = proxy.proxy.context.winners.order('two.example', candidates);
  t.equal(first?.ip.text, '127.0.0.2');
  t.match(await head(proxy, origin.port, 'GET'), /^HTTP\/1\.1 200 OK/);
  t.match(await proxy.ended(2), [{ upstreamIp: '127.0.0.2' }, { upstreamIp: '127.0.0.2' }]);
});

t.test('a route with a sourceAddress connects from there, and from nowhere else', async (t) => {
  const from: (string | undefined)[] = [];
  await using origin = await httpOriginWith(
    http.createServer((request, response) => {
      from.push(request.socket.remoteAddress);
      response.end('hi');
    }),
    { host: '127.0.0.2', port: await freePort() },
  );
  const routes = '[{ name: out, direct: true, sourceAddress: 127.0.0.9 }]';
  await using proxy = await proxyTo(['127.0.0.2', '::1'], { routes });
  await using client = await RawClient.connect(proxy.port);
  await client.tunnel(`two.example:${origin.port}`);
  client.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await client.rest();
  client.end();
  t.match(await head(proxy, origin.port, 'GET'), /^HTTP\/1\.1 200 OK/);
  t.same(from, ['127.0.0.9', '127.0.0.9']);
  await proxy.ended(2);
});

for (const method of ['CONNECT', 'GET']) {
  t.test(`a sourceAddress that is not of this host is told as that, for ${method}`, async (t) => {
    const routes = '[{ name: out, direct: true, sourceAddress: 198.51.100.7 }]';
    await using origin = await rawOrigin('127.0.0.2');
    await using proxy = await proxyTo(['127.0.0.2'], { routes });
    t.match(await head(proxy, origin.port, method), /^HTTP\/1\.1 500 Source address is not ours \(t\)/);
    t.match(await proxy.ended(1), [{ reason: 'source_unavailable', outcome: 'failed' }]);
    t.equal(origin.accepted, 0);
  });

  t.test(`a target of another IP version than the sourceAddress is not reached, for ${method}`, async (t) => {
    const routes = '[{ name: out, direct: true, sourceAddress: 127.0.0.1 }]';
    await using proxy = await proxyTo(['::1'], { routes });
    t.match(await head(proxy, 9, method), /^HTTP\/1\.1 502 No network path to the target \(t\)/);
    t.match(await proxy.ended(1), [
      {
        reason: 'destination_unroutable',
        detail: 'No address of the target is IPv4, as sourceAddress 127.0.0.1 is',
      },
    ]);
  });
}
