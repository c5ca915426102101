/** Upgrade of plain HTTP: a tunnel where a rule allows the protocol and the origin switches to it, an ordinary request else. */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { scene } from '../fixtures/scene.ts';

const ALLOWED = { access: '[{ name: sockets, allow: [all], upgrade: [websocket] }]' };
const FIELDS =
  'Connection: Upgrade, X-Hop\r\nX-Hop: 1\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n';
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\n';

scene(
  'a connection that switches is a tunnel from then on',
  async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/chat?x=1 HTTP/1.1\r\nHost: x\r\n${FIELDS}\r\nearly `);
    const far = await origin.accept();
    const { pseudonym } = proxy.proxy.context;
    const head = await far.head();
    t.same(head.trimEnd().split('\r\n'), [
      'GET /chat?x=1 HTTP/1.1',
      `Host: ${host}`,
      'Sec-WebSocket-Key: k',
      'Sec-WebSocket-Version: 13',
      `Via: 1.1 ${pseudonym}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
    ]);
    t.equal(far.received, '', 'nothing behind the head before the origin has switched');
    far.send(`${SWITCHED}glued `);
    t.same((await client.head()).trimEnd().split('\r\n'), [
      'HTTP/1.1 101 Switching Protocols',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Accept: a',
      `Via: 1.1 ${pseudonym}`,
    ]);
    await client.expect('glued ');
    await far.expect('early ');
    client.send('up');
    await far.expect('up');
    far.send('down');
    await client.expect('down');
    client.end();
    t.equal(await far.rest(), '');
    far.send('last words');
    far.end();
    t.equal(await client.rest(), 'last words');
    t.equal(client.ending, 'end');
    const [record] = await proxy.ended(1);
    t.match(record, {
      method: 'GET',
      url: `http://${host}/chat`,
      status: 101,
      outcome: 'completed',
      reason: undefined,
      rule: 'sockets',
      upstreamIp: '127.0.0.1',
      bytesFromClient: 8,
      bytesToClient: 20,
      closedBy: 'client',
    });
    t.same(
      proxy.records.map(({ event }) => event),
      ['open', 'end'],
    );
    await proxy.allClosed();
  },
  ALLOWED,
);

scene(
  'a reset passes through a switched connection',
  async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${FIELDS}\r\n`);
    const far = await origin.accept();
    far.send(SWITCHED);
    await client.head();
    far.reset();
    await client.rest();
    t.equal(client.ending, 'ECONNRESET');
    t.match(await proxy.ended(1), [
      { outcome: 'failed', reason: 'connection_terminated', closedBy: 'upstream' },
    ]);
    await proxy.allClosed();
  },
  ALLOWED,
);

/** Ways to ask that are none, and are forwarded as ordinary requests. */
const ORDINARY: Readonly<Record<string, readonly [keys: Readonly<Record<string, string>>, request: string]>> =
  {
    'a rule without upgrade': [{}, `GET http://HOST/ HTTP/1.1\r\nHost: x\r\n${FIELDS}\r\n`],
    'another protocol than the rule allows': [
      ALLOWED,
      'GET http://HOST/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    ],
    'two protocols': [
      ALLOWED,
      'GET http://HOST/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n',
    ],
    'no word of it in Connection': [
      ALLOWED,
      'GET http://HOST/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n',
    ],
    'another method than GET': [
      ALLOWED,
      'POST http://HOST/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    'a body': [ALLOWED, `GET http://HOST/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n${FIELDS}\r\nhello`],
    'a chunked body': [
      ALLOWED,
      `GET http://HOST/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n${FIELDS}\r\n5\r\nhello\r\n0\r\n\r\n`,
    ],
    'HTTP/1.0': [ALLOWED, `GET http://HOST/ HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
  };

for (const [title, [keys, request]] of Object.entries(ORDINARY)) {
  scene(
    `with ${title} the request is an ordinary one`,
    async (t, { proxy, origin, client, host }) => {
      client.send(request.replace('HOST', host));
      const far = await origin.accept();
      const got = await readAnswer(far);
      t.notMatch(got.lines.join('\n'), /^upgrade:/im);
      if (request.includes('hello')) t.equal(got.body, 'hello');
      far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
      const answer = await readAnswer(client);
      t.equal(answer.body, 'hi');
      t.match(await proxy.ended(1), [{ status: 200, outcome: 'completed' }]);
      t.equal(proxy.records.length, 1);
    },
    keys,
  );
}

for (const size of [2, 5_000_000]) {
  scene(
    `an origin may answer ${size} bytes instead of switching`,
    async (t, { proxy, origin, client, host }) => {
      client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${FIELDS}\r\n`);
      const far = await origin.accept();
      await far.head();
      far.send(`HTTP/1.1 403 No Sockets\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`);
      const answer = await readAnswer(client);
      t.equal(answer.first, 'HTTP/1.1 403 No Sockets');
      t.equal(answer.body.length, size);
      t.equal(answer.fields.connection, 'close');
      await client.rest();
      t.equal(client.ending, 'end');
      client.end();
      t.match(await proxy.ended(1), [{ status: 403, outcome: 'completed' }]);
      await proxy.allClosed();
    },
    ALLOWED,
  );
}

scene(
  'an origin that switches to something else is 502',
  async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${FIELDS}\r\n`);
    const far = await origin.accept();
    far.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 502 Upgrade failed (t)');
    t.match(answer.fields['proxy-status'], 'error=http_upgrade_failed');
    await far.rest();
    client.end();
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'upgrade_failed', status: 502 }]);
    await proxy.allClosed();
  },
  ALLOWED,
);

scene(
  'a denied upgrade is answered, and the connection ends in order',
  async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${FIELDS}\r\n${'y'.repeat(100_000)}`);
    t.match(await client.rest(), /^HTTP\/1\.1 403 Upgrade not allowed \(t\)\r\n/);
    client.end();
    await client.closed();
    t.equal(client.ending, 'end');
    t.equal(origin.accepted, 0);
    t.match(await proxy.ended(1), [{ outcome: 'denied', reason: 'upgrade_not_allowed', rule: 'by-address' }]);
    await proxy.allClosed();
  },
  {
    // The address decides, which is not known when Node asks; so that the request has been handed over as an upgrade.
    acls: '{ near: { dst: [127.0.0.0/8] } }',
    access: '[{ name: by-address, allow: [near] }]',
  },
);

scene(
  'a client that leaves before the origin has switched lets it go',
  async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${FIELDS}\r\n`);
    const far = await origin.accept();
    await far.head();
    client.reset();
    await far.rest();
    t.match(await proxy.ended(1), [{ outcome: 'client_gone', status: 0, closedBy: 'client' }]);
    await proxy.allClosed();
  },
  ALLOWED,
);

t.test('an upgrade passes both tiers where both allow it', async (t) => {
  await using origin = await rawOrigin();
  await using second = await startSecondTier(ALLOWED);
  await using first = await startFirstTier([second.port], ALLOWED);
  await using client = await RawClient.connect(first.port);
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n${FIELDS}\r\nearly`);
  const far = await origin.accept();
  const head = await far.head();
  t.match(head, /\r\nUpgrade: websocket\r\n/);
  t.match(head, /\r\nVia: 1\.1 t1-\w+, 1\.1 t2-\w+\r\n/);
  t.notMatch(head, /weir/i);
  far.send(`${SWITCHED}glued`);
  t.match(await client.head(), /^HTTP\/1\.1 101 /);
  await client.expect('glued');
  await far.expect('early');
  client.end();
  await far.rest();
  far.end();
  await client.rest();
  const [one] = await first.ended(1);
  const [two] = await second.ended(1);
  t.equal(one?.transactionId, two?.transactionId);
  t.match(one, { status: 101, peer: 'p0', outcome: 'completed', bytesFromClient: 5, bytesToClient: 5 });
  t.match(two, { status: 101, peer: undefined, outcome: 'completed', bytesFromClient: 5, bytesToClient: 5 });
});

t.test('tier 2 that does not allow the upgrade gets an answer through as it is', async (t) => {
  await using origin = await rawOrigin();
  await using second = await startSecondTier();
  await using first = await startFirstTier([second.port], ALLOWED);
  await using client = await RawClient.connect(first.port);
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n${FIELDS}\r\n`);
  const far = await origin.accept();
  t.notMatch(await far.head(), /upgrade/i);
  far.send('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n');
  t.equal((await readAnswer(client)).status, 426);
  client.end();
  t.match(await first.ended(1), [{ status: 426, outcome: 'completed' }]);
  t.match(await second.ended(1), [{ status: 426, outcome: 'completed' }]);
});
