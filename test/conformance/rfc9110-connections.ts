/**
 * RFC 9110, HTTP semantics: the MUST and MUST NOT that take more than one exchange to show, or a configuration of their own. One
 * test for each; the rest is in rfc9110.ts.
 */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { servedScene } from '../fixtures/scene.ts';
import { pseudonymOf, serve } from '../fixtures/served.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const SOCKETS = { access: '[{ name: sockets, allow: [all], upgrade: [websocket] }]' };
const ASKS = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const EXPECT = 'Expect: 100-continue\r\nContent-Length: 5\r\n\r\n';

servedScene('5.3 Order: nothing is asked before the head is whole', async (t, { origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n`);
  await using other = await RawClient.connect(client.socket.remotePort as number);
  other.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  t.match(await far.head(), /^GET /);
  t.equal(origin.accepted, 1, 'that of a client who came later');
  client.send('If-Match: "a"\r\n\r\n');
  t.match(await (await origin.accept()).head(), /\r\nX-A: 1\r\nIf-Match: "a"\r\n/);
});

servedScene('7.6 Forwarding: no message goes round and round', async (t, { proxy, origin, client, host }) => {
  const via = `Via: 1.1 a, 1.1 ${await pseudonymOf(proxy)}, 1.1 b\r\n`;
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${via}\r\n`);
  const answer = await readAnswer(client);
  t.equal(answer.status, 502);
  t.match(answer.fields['proxy-status'], 'error=proxy_loop_detected');
  t.equal(origin.accepted, 0);
});

servedScene('7.6 Forwarding: no message goes to the proxy itself', async (t, { proxy, client }) => {
  client.send(`GET http://origin.example:${proxy.lastPort}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  t.equal((await readAnswer(client)).status, 403);
  t.match(await proxy.ended(1), [{ reason: 'address_prohibited' }]);
});

servedScene(
  '7.8 Upgrade: a switch says to what, on both hops',
  async (t, { origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${ASKS.replace('websocket', 'WebSocket')}\r\n`);
    const far = await origin.accept();
    const asked = await far.head();
    t.match(asked, /\r\nConnection: Upgrade\r\n/i);
    t.match(asked, /\r\nUpgrade: websocket\r\n/i);
    far.send(SWITCHING);
    const switched = await client.head();
    t.match(switched, /^HTTP\/1\.1 101 /);
    t.match(switched, /\r\nConnection: Upgrade\r\n/i);
    t.match(switched, /\r\nUpgrade: websocket\r\n/);
    client.send('a');
    await far.expect('a');
  },
  SOCKETS,
);

servedScene(
  '7.8 Upgrade: no switch to what was not asked for',
  async (t, { origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${ASKS}\r\n`);
    const far = await origin.accept();
    await far.head();
    far.send(SWITCHING.replace('websocket', 'other'));
    t.equal((await readAnswer(client)).status, 502);
  },
  SOCKETS,
);

servedScene(
  '7.8 Upgrade: that of an HTTP/1.0 client is ignored',
  async (t, { origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.0\r\n${ASKS}\r\n`);
    const far = await origin.accept();
    t.notMatch(await far.head(), /upgrade/i);
    far.send(OK);
    t.equal((await readAnswer(client)).status, 200);
  },
  SOCKETS,
);

servedScene(
  '7.8 Upgrade: with an expectation nothing is switched before the body is asked for',
  async (t, { origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${ASKS}${EXPECT}`);
    const far = await origin.accept();
    t.notMatch(await far.head(), /upgrade/i);
    far.send('HTTP/1.1 100 Continue\r\n\r\n');
    t.match(await client.head(), /^HTTP\/1\.1 100 /);
    client.send('hello');
    await far.expect('hello');
    far.send(OK);
    t.equal((await readAnswer(client)).status, 200);
  },
  SOCKETS,
);

servedScene('9.2.2 Idempotent methods: others are never sent again', async (t, { origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const kept = await origin.accept();
  await kept.head();
  kept.send(OK);
  await readAnswer(client);
  client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`);
  await kept.head();
  kept.reset();
  t.equal((await readAnswer(client)).status, 502);
  t.equal(origin.accepted, 1);
});

servedScene('9.3.6 CONNECT: the answer that opens a tunnel has no framing', async (t, { client, host }) => {
  const head = await client.tunnel(host);
  t.match(head, /^HTTP\/1\.1 200 /);
  t.notMatch(head, /content-length|transfer-encoding/i);
});

for (const framing of ['Content-Length: 5', 'Transfer-Encoding: chunked']) {
  t.test(`9.3.6 CONNECT: ${framing} of a peer that opens a tunnel is ignored`, async (t) => {
    const { peer, client } = await withPeer(t);
    client.send('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n');
    const far = owned(t, await peer.accept());
    t.match(await far.head(), /^CONNECT a\.example:443 HTTP\/1\.1\r\n/, 'host and port alone');
    far.send(`HTTP/1.1 201 Yes\r\n${framing}\r\n\r\n5\r\nhello`);
    t.notMatch(await client.head(), /content-length|transfer-encoding/i);
    await client.expect('5\r\nhello');
    client.send('a');
    await far.expect('a');
  });
}

servedScene(
  '9.3.6 CONNECT: what a closed side had said reaches the other',
  async (t, { origin, client, host }) => {
    await client.tunnel(host);
    const far = await origin.accept();
    far.send('x'.repeat(100_000));
    far.end();
    t.equal((await client.rest()).length, 100_000);
    client.end();
    await client.closed();
    await far.closed();
  },
);

servedScene(
  '10.1.1 Expect: the head goes on before the body is there',
  async (t, { origin, client, host }) => {
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${EXPECT}`);
    const far = await origin.accept();
    t.match(await far.head(), /^POST \/ HTTP\/1\.1\r\n.*\r\nExpect: 100-continue\r\n/s);
    far.send('HTTP/1.1 100 Continue\r\n\r\n');
    t.equal(await client.head(), 'HTTP/1.1 100 Continue\r\n\r\n');
    client.send('hello');
    await far.expect('hello');
    far.send(OK);
    t.equal((await readAnswer(client)).status, 200);
  },
);

servedScene(
  '10.1.1 Expect: what the head decides is answered at once',
  async (t, { origin, client, host }) => {
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${EXPECT}`);
    t.equal((await readAnswer(client)).status, 403);
    t.equal(origin.accepted, 0);
  },
  { access: '[{ name: no, deny: [all] }]' },
);

t.test('11.7.1 Proxy-Authenticate: it is in every 407', async (t) => {
  const hash = await hashPassword('x', { logCost: 10, blockSize: 8, parallel: 1 });
  const auth = `{ usersFile: ${join(t.testdir({ users: `alice:${hash}\n` }), 'users')} }`;
  const access = '[{ name: known, allow: [known] }]';
  const keys = { auth, acls: '{ known: { users: [alice] } }', access };
  const proxy = owned(t, await serve(keys));
  for (const head of ['GET http://a.example/', 'CONNECT a.example:443']) {
    const client = owned(t, await RawClient.connect(proxy.port));
    client.send(`${head} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    const answer = await readAnswer(client);
    t.equal(answer.status, 407);
    t.equal(answer.fields['proxy-authenticate'], `Basic realm="${proxy.names.at(-1)}", charset="UTF-8"`);
  }
});

/** A proxy whose only way out is a peer that the test plays, and that is no hop of ours. */
async function withPeer(t: Test) {
  const peer = owned(t, await rawOrigin());
  const peers = `{ p: { address: 127.0.0.1:${peer.port} } }`;
  const proxy = owned(t, await serve({ peers, routes: '[{ name: out, peers: [p] }]' }));
  return { peer, client: owned(t, await RawClient.connect(proxy.port)) };
}
