/** Answers that go on to the client otherwise than they came, or not at all: floods, switches unasked for, framing that lies. */
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

/** By who carries the request out. */
const REQUESTS = {
  'a GET': 'GET http://HOST/ HTTP/1.1\r\nHost: x\r\n\r\n',
  'an upload': 'POST http://HOST/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nh',
  'a request with Expect':
    'POST http://HOST/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
  'an HTTP/1.0 request': 'GET http://HOST/ HTTP/1.0\r\n\r\n',
} as const;

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const HINT = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';

const FIELDS = 'A: b\r\n'.repeat(201);

const NONSENSE: Readonly<Record<string, string>> = {
  'a flood of 103': HINT.repeat(33) + OK,
  'a flood of large 103': `HTTP/1.1 103 Hints\r\nA: ${'b'.repeat(30_000)}\r\n\r\n`.repeat(3) + OK,
  'a 101 without a protocol': `HTTP/1.1 101 Switching Protocols\r\n\r\n${OK}`,
  'a 101 without a protocol and a length': 'HTTP/1.1 101 Switching\r\nContent-Length: 2\r\n\r\nok',
  'a 101 for a protocol': 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello',
  'a head of 201 fields': `HTTP/1.1 200 OK\r\n${FIELDS}\r\n`,
  'a 103 of 201 fields': `HTTP/1.1 103 Hints\r\n${FIELDS}\r\n${OK}`,
};

for (const [what, bytes] of Object.entries(NONSENSE)) {
  for (const [kind, request] of Object.entries(REQUESTS)) {
    scene(`${what} in answer to ${kind} is 502`, async (t, { proxy, origin, client, host }) => {
      client.send(request.replace('HOST', host));
      const far = await origin.accept();
      await far.head();
      far.send(bytes);
      const text = await client.until((got) => got.includes('Target answered nonsense'));
      t.match(text, /HTTP\/1\.1 502 Target answered nonsense \(t\)\r\n/);
      t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'response_malformed', status: 502 }]);
      await far.rest();
      t.equal(origin.accepted, 1, 'and nothing was tried again');
    });
  }
}

scene(
  'a 101 without a protocol is 502 for a request that asked for one',
  async (t, { proxy, origin, client, host }) => {
    client.send(
      `GET http://${host}/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    const far = await origin.accept();
    await far.head();
    far.send('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    t.equal((await readAnswer(client)).first, 'HTTP/1.1 502 Upgrade failed (t)');
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'upgrade_failed', status: 502 }]);
    await far.rest();
  },
  { access: '[{ name: sockets, allow: [all], upgrade: [websocket] }]' },
);

// Attacks: bounded.
scene('a trailer section of 201 fields breaks the client off', async (t, all) => {
  const { proxy, origin, client, host } = all;
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  await far.head();
  far.send(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${FIELDS}\r\n`);
  t.notMatch(await client.rest(), /\r\n0\r\n/, 'no last chunk');
  t.equal(client.ending, 'ECONNRESET');
  t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'response_malformed', status: 200 }]);
});

scene('32 interim answers are relayed', async (t, { proxy, origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  await far.head();
  far.send(HINT.repeat(32) + OK);
  const text = await client.until((got) => got.endsWith('ok'));
  t.equal(text.split('HTTP/1.1 103 ').length - 1, 32);
  t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
});

/** By status and method: what the answer says of its framing, and what of that goes on. */
const FRAMINGS: Readonly<
  Record<string, readonly [asked: string, answered: string, kept: readonly string[]]>
> = {
  'a trailer announced with a length': [
    'GET 1.1',
    '200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nok',
    ['content-length'],
  ],
  'a trailer announced to HEAD': ['HEAD 1.1', '200 OK\r\nTrailer: X-Sum\r\n\r\n', []],
  'a trailer announced with 304': ['GET 1.1', '304 Not Modified\r\nTrailer: X-Sum\r\n\r\n', []],
  'a trailer announced with 204': ['GET 1.1', '204 No Content\r\nTrailer: X-Sum\r\n\r\n', []],
  'a trailer announced to HTTP/1.0': [
    'GET 1.0',
    '200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
    [],
  ],
  'a trailer that comes': [
    'GET 1.1',
    '200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
    ['trailer', 'transfer-encoding'],
  ],
  'a 204 with a length': ['GET 1.1', '204 No Content\r\nContent-Length: 0\r\n\r\n', []],
  'a 304 with a length': ['GET 1.1', '304 Not Modified\r\nContent-Length: 5\r\n\r\n', ['content-length']],
  'a HEAD with a length': ['HEAD 1.1', '200 OK\r\nContent-Length: 5\r\n\r\n', ['content-length']],
};

for (const [what, [asked, answered, kept]] of Object.entries(FRAMINGS)) {
  for (const carrier of ['our own client', 'node:http']) {
    scene(`${what} is relayed with what it can keep, by ${carrier}`, async (t, all) => {
      const { proxy, origin, client, host } = all;
      const [method, version] = asked.split(' ');
      const trailer = carrier === 'our own client' ? '' : 'Trailer: X-Y\r\n';
      client.send(`${method} http://${host}/ HTTP/${version}\r\nHost: x\r\n${trailer}\r\n`);
      const far = await origin.accept();
      await far.head();
      far.send(`HTTP/1.1 ${answered}`);
      const { fields, status } = await readAnswer(client, { bodyless: method === 'HEAD' });
      const framing = ['content-length', 'trailer', 'transfer-encoding'].filter((name) => name in fields);
      t.same(framing, kept);
      t.equal(status, Number.parseInt(answered, 10));
      t.match(await proxy.ended(1), [{ outcome: 'completed', status }]);
    });
  }
}

for (const status of ['102 Processing', '103 Early Hints'] as const) {
  scene(`a ${status} has no length`, async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    far.send(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nA: b\r\n\r\n${OK}`);
    const via = `Via: 1.1 ${proxy.proxy.context.pseudonym}`;
    t.equal(await client.head(), `HTTP/1.1 ${status}\r\nA: b\r\n${via}\r\n\r\n`);
    t.equal((await readAnswer(client)).body, 'ok');
  });
}

scene(
  'a 101 has no length',
  async (t, { origin, client, host }) => {
    client.send(
      `GET http://${host}/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    const far = await origin.accept();
    await far.head();
    far.send(
      'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello',
    );
    t.notMatch(await client.head(), /content-length/i);
    await client.expect('hello');
  },
  { access: '[{ name: sockets, allow: [all], upgrade: [websocket] }]' },
);
