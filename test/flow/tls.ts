/** TLS between clients, the first tier and the second: what passes through it is what passes without. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import tls from 'node:tls';
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin, httpOrigin, httpOriginWith, rawOrigin, tcpOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { Issuer } from '../fixtures/tls.ts';
import { eventually } from '../fixtures/within.ts';

const [issuer, stranger] = await Promise.all([Issuer.open(), Issuer.open()]);
t.teardown(() => Promise.all([issuer[Symbol.asyncDispose](), stranger[Symbol.asyncDispose]()]));
const [t2, t1] = await Promise.all([
  issuer.issue('t2', { names: 'DNS:t2.test,IP:127.0.0.1' }),
  issuer.issue('t1', { names: 'DNS:t1.test' }),
]);

const LISTENER_TLS = `{ cert: ${t2.certFile}, key: ${t2.keyFile}, clientCa: ${issuer.caFile} }`;
const PEER_TLS = `{ ca: ${issuer.caFile}, cert: ${t1.certFile}, key: ${t1.keyFile} }`;

function secondTier(keys: Readonly<Record<string, string>> = {}): Promise<TestProxy> {
  return startSecondTier({
    listeners: `[{ name: main, address: 127.0.0.1:0, tls: ${LISTENER_TLS} }]`,
    ...keys,
  });
}

function firstTier(
  port: number,
  peer = `tls: ${PEER_TLS}`,
  keys: Readonly<Record<string, string>> = {},
): Promise<TestProxy> {
  return startFirstTier([], {
    peers: `{ vm: { address: 127.0.0.1:${port}, hop: true, ${peer} } }`,
    routes: '[{ name: out, peers: [vm] }]',
    ...keys,
  });
}

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

/** Answers of a tier 1 to a CONNECT, to a GET, and to a POST whose body is yet to come: first line and Proxy-Status. */
async function answersOf(proxy: TestProxy): Promise<string[]> {
  const at = 'origin.example:9';
  const requests = [
    `CONNECT ${at} HTTP/1.1\r\nHost: ${at}\r\n\r\n`,
    `GET http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\n\r\n`,
    `POST http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
  ];
  const answers: string[] = [];
  for (const request of requests) {
    await using client = await RawClient.connect(proxy.port);
    client.send(request);
    const head = await client.head();
    answers.push(`${head.slice(9, 12)} ${/error=(\w+)/.exec(head)?.[1]}`);
  }
  return answers;
}

t.test(
  'a peer that is not whom it should be is told as such, whatever is asked, and counts as at fault',
  async (t) => {
    await using second = await secondTier();
    for (const [peer, error] of [
      [`tls: { ca: ${issuer.caFile}, serverName: other.test }`, 'tls_certificate_error'],
      [`tls: { ca: ${stranger.caFile} }`, 'tls_certificate_error'],
      [`tls: { ca: ${issuer.caFile} }`, 'tls_alert_received'],
    ] as const) {
      await using first = await firstTier(second.port, peer);
      t.strictSame(await answersOf(first), Array(3).fill(`502 ${error}`), peer);
      t.match(await first.ended(3), Array(3).fill({ reason: error, error, outcome: 'failed', peer: 'vm' }));
      t.ok(first.peerFaults.length >= 3 && first.peerFaults.every((fault) => fault === `vm ${error}`));
    }
    await using plain = await startSecondTier();
    await using first = await firstTier(plain.port);
    t.strictSame(await answersOf(first), Array(3).fill('502 tls_protocol_error'));
  },
);

t.test('behind a peer without a good certificate the next one is asked', async (t) => {
  await using origin = await echoOrigin();
  await using second = await secondTier();
  const bad = `bad: { address: 127.0.0.1:${second.port}, tls: { ca: ${stranger.caFile} } }`;
  await using first = await firstTier(second.port, undefined, {
    peers: `{ ${bad}, good: { address: 127.0.0.1:${second.port}, tls: ${PEER_TLS} } }`,
    routes: '[{ name: out, peers: [bad, good] }]',
  });
  await using client = await RawClient.connect(first.port);
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  client.end();
  t.match(await first.ended(1), [{ peer: 'good' }]);
  t.strictSame(first.peerFaults, ['bad tls_certificate_error']);
});

t.test(
  'no connection is used for TLS with another peer, or without TLS, though it leads to the same place',
  async (t) => {
    await using origin = await httpOrigin((_request, response) => response.end('here'));
    await using second = await secondTier();
    const own = `cert: ${t1.certFile}, key: ${t1.keyFile}`;
    const peers = (ca: string): string =>
      `{ vm: { address: 127.0.0.1:${second.port}, tls: { ca: ${ca}, ${own} } } }`;
    const keys = { name: 't1', routes: '[{ name: out, peers: [vm] }]' };
    await using first = await startProxy(yamlOf({ ...keys, peers: peers(issuer.caFile) }));
    const get = async (): Promise<string> => {
      await using client = await RawClient.connect(first.port);
      const at = `origin.example:${origin.port}`;
      client.send(`GET http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\n\r\n`);
      return (await client.rest()).slice(0, 12);
    };
    t.strictSame([await get(), await get()], ['HTTP/1.1 200', 'HTTP/1.1 200']);
    t.equal(first.proxy.context.tools.ledger.opened.upstream, 1, 'the connection is kept');
    await first.proxy.adopt(await parseConfig(yamlOf({ ...keys, peers: peers(stranger.caFile) }), {}));
    t.equal(
      await get(),
      'HTTP/1.1 502',
      'who is not believed any more is not asked by a connection of before',
    );
  },
);

t.test('a peer is sent the credentials that are for it, and nobody else sees them', async (t) => {
  const heads: string[] = [];
  await using squid = await tcpOrigin((socket) => {
    socket.on('data', (chunk: Buffer) => {
      heads.push(String(chunk));
      socket.end('HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n');
    });
  });
  const passwordFile = join(issuer.folder, 'password');
  await writeFile(passwordFile, 'hunter2\n');
  await using first = await firstTier(squid.port, `auth: { username: t1, passwordFile: ${passwordFile} }`);
  await using client = await RawClient.connect(first.port);
  client.send(
    'GET http://origin.example/ HTTP/1.1\r\nHost: origin.example\r\nProxy-Authorization: Basic b3RoZXI=\r\n\r\n',
  );
  const answer = await client.head();
  await using other = await RawClient.connect(first.port);
  const refused = await other.tunnel('origin.example:443', 'Proxy-Authorization: Basic b3RoZXI=\r\n');
  for (const head of [answer, refused])
    t.match(head, /^HTTP\/1\.1 502 [\s\S]*error=proxy_configuration_error/);
  const sent = `Proxy-Authorization: Basic ${Buffer.from('t1:hunter2').toString('base64')}\r\n`;
  for (const head of heads) {
    t.equal(head.split('Proxy-Authorization').length, 2, 'once');
    t.match(head, sent);
  }
  t.equal(heads.length, 2);
  t.notMatch(`${answer}${refused}${JSON.stringify(await first.ended(2))}`, /hunter2|dDE6aHVudGVyMg/);
});
