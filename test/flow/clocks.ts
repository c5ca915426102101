/** The clocks of a transaction before an answer: each falls due, never early, and says whom it waited for. */
import t, { type Test } from 'tap';
import { blackHole } from '../fixtures/black-hole.ts';
import { startFirstTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { startDnsServer } from '../fixtures/dns-server.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const CONNECT = (port: number | string): string =>
  `CONNECT origin.example:${port} HTTP/1.1\r\nHost: x\r\n\r\n`;
const GET = (port: number | string): string =>
  `GET http://origin.example:${port}/ HTTP/1.1\r\nHost: x\r\n\r\n`;

t.setTimeout(120_000);

/** Both kinds of transaction that come before an answer in the same way. */
const KINDS = { CONNECT, GET } as const;

/** Sends a head and waits for the answer's; checks that it took at least `ms`. That no other clock fell due is for the caller to see to. */
async function answerAfter(
  t: Test,
  proxy: TestProxy,
  { head, ms }: { head: string; ms: number },
): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  const before = performance.now();
  client.send(head);
  const answer = await client.head();
  const took = performance.now() - before;
  t.ok(took >= ms, `never early: ${took} ms`);
  return answer;
}

for (const [kind, head] of Object.entries(KINDS)) {
  t.test(`${kind}: an address that never answers is 504 after timeouts.connect`, async (t) => {
    await using hole = await blackHole();
    await using proxy = await startProxy(yamlOf({ timeouts: '{ connect: 200ms, establish: 1h }' }));
    const answer = await answerAfter(t, proxy, { head: head(hole.port), ms: 200 });
    t.match(answer, /^HTTP\/1\.1 504 Target did not answer in time \(t\)\r\n/);
    t.match(answer, /;error=connection_timeout;/);
    t.match(await proxy.ended(1), [
      { outcome: 'failed', reason: 'connection_timeout', status: 504, upstreamIp: '127.0.0.1' },
    ]);
  });

  t.test(`${kind}: after an address that never answers comes the next`, async (t) => {
    await using hole = await blackHole();
    await using origin = await rawOrigin('127.0.0.2', hole.port);
    const dns = '{ hostsFile: none, hosts: { origin.example: [127.0.0.1, 127.0.0.2] } }';
    await using proxy = await startProxy(yamlOf({ timeouts: '{ connect: 200ms, establish: 1h }', dns }));
    await using client = await RawClient.connect(proxy.port);
    const before = performance.now();
    client.send(head(hole.port));
    const far = await origin.accept();
    t.ok(performance.now() - before >= 200, 'not before the first has had its time');
    if (kind === 'GET') far.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    t.match(await client.head(), /^HTTP\/1\.1 200 /);
    client.end();
    far.end();
    t.match(await proxy.ended(1), [{ outcome: 'completed', upstreamIp: '127.0.0.2' }]);
  });

  t.test(`${kind}: timeouts.establish bounds all addresses together`, async (t) => {
    await using hole = await blackHole();
    const dns = '{ hostsFile: none, hosts: { origin.example: [127.0.0.1, 127.0.0.1, 127.0.0.1] } }';
    await using proxy = await startProxy(yamlOf({ timeouts: '{ connect: 1h, establish: 300ms }', dns }));
    const answer = await answerAfter(t, proxy, { head: head(hole.port), ms: 300 });
    t.match(answer, /^HTTP\/1\.1 504 Target did not answer in time \(t\)\r\n/);
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'connection_timeout', status: 504 }]);
    await proxy.allClosed();
  });

  t.test(`${kind}: a name server that says nothing is 504 after timeouts.establish`, async (t) => {
    await using server = await startDnsServer(() => undefined);
    const dns = `{ hostsFile: none, servers: ["${server.address}"], timeout: 1h }`;
    await using proxy = await startProxy(yamlOf({ timeouts: '{ establish: 200ms }', dns }));
    const answer = await answerAfter(t, proxy, { head: head(443), ms: 200 });
    t.match(answer, /^HTTP\/1\.1 504 Name resolution timed out \(t\)\r\n/);
    t.match(await proxy.ended(1), [
      { outcome: 'failed', reason: 'dns_timeout', error: 'dns_timeout', status: 504 },
    ]);
  });

  t.test(`${kind}: a client that leaves while a name is resolved is let go at once`, async (t) => {
    await using server = await startDnsServer(() => undefined);
    const dns = `{ hostsFile: none, servers: ["${server.address}"], timeout: 20s }`;
    await using proxy = await startProxy(yamlOf({ timeouts: '{ establish: 20s }', dns }));
    await using client = await RawClient.connect(proxy.port);
    client.send(head(443));
    client.reset();
    t.match(await proxy.ended(1), [{ outcome: 'client_gone', status: 0, closedBy: 'client' }]);
  });

  t.test(`${kind}: a peer that cannot be connected to in time is a fault of the peer`, async (t) => {
    await using hole = await blackHole();
    await using proxy = await startFirstTier([hole.port], { timeouts: '{ connect: 1h, establish: 200ms }' });
    const answer = await answerAfter(t, proxy, { head: head(443), ms: 200 });
    t.match(answer, /^HTTP\/1\.1 504 Peer did not answer in time \(t1\)\r\n/);
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'peer_timeout', peer: 'p0', status: 504 }]);
    t.same(proxy.peerFaults, ['p0 peer_timeout']);
  });
}

t.test('a peer that never answers CONNECT is 504 after timeouts.establish', async (t) => {
  await using peer = await rawOrigin();
  await using proxy = await startFirstTier([peer.port], { timeouts: '{ establish: 200ms }' });
  const answer = await answerAfter(t, proxy, { head: CONNECT(443), ms: 200 });
  t.match(answer, /^HTTP\/1\.1 504 Peer did not answer in time \(t1\)\r\n/);
  t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'peer_timeout', peer: 'p0' }]);
  t.same(proxy.peerFaults, ['p0 peer_timeout']);
});
