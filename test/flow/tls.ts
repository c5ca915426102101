/** TLS between clients, the first tier and the second: what passes through it is what passes without. */
import { once } from 'node:events';
import http from 'node:http';
import tls from 'node:tls';
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin, httpOrigin, httpOriginWith, rawOrigin } from '../fixtures/origin.ts';
import type { TestProxy } from '../fixtures/proxy.ts';
import { firstTier, issuer, secondTier, t1 } from '../fixtures/tls-chain.ts';
import { eventually } from '../fixtures/within.ts';

t.test('a tunnel passes through both tiers over mutual TLS, both ways, and ends in order', async (t) => {
  await using origin = await echoOrigin();
  await using second = await secondTier();
  await using first = await firstTier(second.port);
  for (let round = 0; round < 3; round += 1) {
    await using client = await RawClient.connect(first.port);
    t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
    const much = 'x'.repeat(300_000);
    client.send(much);
    await client.expect(much);
    client.end();
    t.equal(await client.rest(), '');
  }
  const [one] = await first.ended(3);
  t.match(one, { outcome: 'completed', bytesFromClient: 300_000, closedBy: 'client' });
  const [two] = await second.ended(3);
  t.match(two, { outcome: 'completed', bytesFromClient: 300_000, closedBy: 'client' });
});

/** How clients that speak TLS get to `proxy`. */
async function secureClient(proxy: TestProxy, options: tls.ConnectionOptions = {}): Promise<RawClient> {
  const socket = tls.connect({
    port: proxy.port,
    host: '127.0.0.1',
    ca: issuer.ca,
    cert: t1.cert,
    key: t1.key,
    servername: 't2.test',
    ALPNProtocols: ['http/1.1'],
    allowHalfOpen: true,
    ...options,
  } as tls.ConnectionOptions);
  await once(socket, 'secureConnect');
  return RawClient.over(socket);
}

const BODY = 'y'.repeat(200_000);

t.test('plain HTTP passes through both tiers, whichever client carries it out', async (t) => {
  await using origin = await httpOrigin((request, response) => {
    response.on('error', () => {});
    request.pipe(response);
  });
  await using second = await secondTier();
  await using first = await firstTier(second.port);
  await using client = await RawClient.connect(first.port);
  const at = `http://origin.example:${origin.port}/`;
  const ask = async (fields: string, body = ''): Promise<string> => {
    client.send(`POST ${at} HTTP/1.1\r\nHost: origin.example:${origin.port}\r\n${fields}\r\n${body}`);
    return client.until((text) => text.endsWith('0\r\n\r\n') || /Content-Length: 0\r\n/i.test(text));
  };
  t.match(await ask('Content-Length: 5\r\n', 'whole'), /^HTTP\/1\.1 200 [\s\S]*whole/);
  t.match(await ask('Content-Length: 6\r\n', 'whole2'), /whole2/, 'on a kept connection');
  t.match(await ask(`Content-Length: ${BODY.length}\r\n`, BODY), /yyy/, 'a body that is yet to come');
  t.match(
    await ask('Expect: 100-continue\r\nContent-Length: 5\r\n', 'asked'),
    /^HTTP\/1\.1 100 Continue[\s\S]*asked/,
    'a client that asks first',
  );
  t.ok((await second.ended(4)).every(({ outcome }) => outcome === 'completed'));
  t.ok((await first.ended(4)).every(({ peer }) => peer === 'vm'));
});

t.test(
  'a client is served over TLS as without: requests in pieces, one behind the other, a CONNECT at last',
  async (t) => {
    await using web = await httpOrigin((request, response) => void request.pipe(response));
    await using echo = await echoOrigin();
    await using proxy = await secondTier();
    await using client = await secureClient(proxy);
    const head = `POST http://origin.example:${web.port}/ HTTP/1.1\r\nHost: origin.example:${web.port}\r\n`;
    // Each write is a record of its own, and all of them come together.
    client.socket.cork();
    client.send(`${head}Content-Length: 10\r\n\r\n`);
    client.send('12345');
    client.send('67890');
    client.send(`${head}Content-Length: 3\r\n\r\nabc`);
    client.socket.uncork();
    t.match(await client.until((text) => text.includes('abc\r\n0\r\n')), /1234567890[\s\S]*200 OK[\s\S]*abc/);
    t.match(await client.tunnel(`origin.example:${echo.port}`), /^HTTP\/1\.1 200 /);
    client.send(BODY);
    await client.expect(BODY);
    client.end();
    t.equal(await client.rest(), '');
    const records = await proxy.ended(3);
    t.strictSame(
      records.map(({ method, outcome }) => `${method} ${outcome}`),
      ['POST completed', 'POST completed', 'CONNECT completed'],
    );
    await client.closed();
  },
);

t.test('a protocol that both sides switch to passes both tiers', async (t) => {
  const server = http.createServer();
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Now\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
    socket.pipe(socket);
  });
  await using origin = await httpOriginWith(server);
  const access = '[{ name: everything, allow: [all], upgrade: [websocket] }]';
  await using second = await secondTier({ access });
  await using first = await firstTier(second.port, undefined, { access });
  await using client = await RawClient.connect(first.port);
  client.send(
    `GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: origin.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  t.match(await client.head(), /^HTTP\/1\.1 101 /);
  await client.expect('hello');
  client.send(BODY);
  await client.expect(BODY);
  client.end();
  t.equal(await client.rest(), '');
  t.match(await first.ended(1), [{ outcome: 'completed', status: 101 }]);
});

t.test('a half-close passes as one, and a reset as a reset, from either side', async (t) => {
  await using origin = await rawOrigin();
  await using second = await secondTier();
  await using first = await firstTier(second.port);
  const open = async (): Promise<[RawClient, RawClient]> => {
    const client = await RawClient.connect(first.port);
    const accepted = origin.accept();
    await client.tunnel(`origin.example:${origin.port}`);
    return [client, await accepted];
  };
  {
    const [client, server] = await open();
    client.send('last words');
    client.end();
    t.equal(await server.rest(), 'last words');
    t.equal(server.ending, 'end');
    server.send('and yet');
    server.end();
    t.equal(await client.rest(), 'and yet');
  }
  {
    const [client, server] = await open();
    server.end();
    t.equal(await client.rest(), '');
    client.send('still');
    await server.expect('still');
    client.reset();
    await server.rest();
    t.equal(server.ending, 'ECONNRESET');
  }
  {
    const [client, server] = await open();
    server.reset();
    await client.rest();
    t.equal(client.ending, 'ECONNRESET');
  }
  await first.ended(3);
});

/** Much more than all the kernels and queues on the way hold. */
const MUCH = 32 * 1024 * 1024;

t.test('a side that does not read holds the other back, and nothing is lost', async (t) => {
  await using origin = await rawOrigin();
  await using second = await secondTier();
  await using first = await firstTier(second.port);
  await using client = await RawClient.connect(first.port);
  const accepted = origin.accept();
  await client.tunnel(`origin.example:${origin.port}`);
  await using server = await accepted;
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    to.socket.pause();
    const much = Buffer.alloc(MUCH, 'abcdefg');
    from.send(much);
    await eventually(() => from.socket.writableLength > 0 && isQuiet(from), 'the sender to be held back');
    t.ok(from.socket.writableLength > MUCH / 4, `${from.socket.writableLength} are held back`);
    to.socket.resume();
    await eventually(() => to.socket.bytesRead >= MUCH && from.socket.writableLength === 0, 'the rest');
    t.ok(to.takeBytes().subarray(-MUCH).equals(much));
  }
  client.end();
  server.end();
  t.match(await first.ended(1), [{ bytesFromClient: MUCH }]);
});

const quietSince = new WeakMap<RawClient, { left: number; looks: number }>();

/** Whether so many looks in a row have seen nothing move. */
function isQuiet(client: RawClient): boolean {
  const left = client.socket.writableLength;
  const before = quietSince.get(client);
  const looks = before?.left === left ? before.looks + 1 : 0;
  quietSince.set(client, { left, looks });
  return looks > 20;
}
