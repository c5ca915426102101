/** The idle clock of plain HTTP: whoever is waited for in vain is named, and an answer that has begun is broken off. */
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

const IDLE_MS = 300;
const LATE_MS = 1500;
const KEYS = { timeouts: `{ idle: ${IDLE_MS}ms }` };

/** How long `wait` takes. */
async function timed(wait: Promise<unknown>): Promise<number> {
  const before = performance.now();
  await wait;
  return performance.now() - before;
}

const KINDS = {
  'a GET': 'GET http://HOST/ HTTP/1.1\r\nHost: x\r\n\r\n',
  'an upload that is whole': 'POST http://HOST/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi',
  'an upload that comes in chunks':
    'POST http://HOST/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
  'a request with Expect':
    'POST http://HOST/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
} as const;

for (const [kind, request] of Object.entries(KINDS)) {
  scene(
    `an origin that does not answer ${kind} is 504 after timeouts.idle`,
    async (t, { proxy, origin, client, host }) => {
      client.send(request.replace('HOST', host));
      const far = await origin.accept();
      await far.head();
      const head = client.head();
      const took = await timed(head);
      t.match(await head, /^HTTP\/1\.1 504 Target was silent too long \(t\)\r\n/);
      t.ok(took >= IDLE_MS - 50 && took < IDLE_MS + LATE_MS, `after ${took} ms`);
      t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'response_timeout', status: 504 }]);
      await far.rest();
    },
    KEYS,
  );

  scene(
    `an origin that stops amid its answer to ${kind} breaks the client off`,
    async (t, { proxy, origin, client, host }) => {
      client.send(request.replace('HOST', host));
      const far = await origin.accept();
      await far.head();
      far.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello');
      await client.until((text) => text.endsWith('hello'));
      const took = await timed(client.rest());
      t.equal(client.ending, 'ECONNRESET');
      t.ok(took >= IDLE_MS - 50 && took < IDLE_MS + LATE_MS, `after ${took} ms`);
      t.match(await proxy.ended(1), [
        { outcome: 'failed', reason: 'response_timeout', status: 200, closedBy: 'upstream' },
      ]);
      await far.rest();
    },
    KEYS,
  );
}

scene(
  'a client that does not read its answer is broken off',
  async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    far.send('HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n');
    await client.head();
    client.socket.pause();
    far.send('x'.repeat(50_000_000));
    const took = await timed(proxy.ended(1));
    t.ok(took >= IDLE_MS - 50 && took < IDLE_MS + LATE_MS, `after ${took} ms`);
    t.match(await proxy.ended(1), [{ reason: 'idle_timeout', status: 200, closedBy: 'proxy' }]);
    await far.closed();
    client.socket.resume();
    await client.closed();
    t.equal(client.ending, 'ECONNRESET');
    await proxy.allClosed();
  },
  KEYS,
);

scene(
  'a client that does not read the end of its answer is broken off too',
  async (t, { proxy, origin, client, host }) => {
    client.socket.pause();
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    // More than kernels hold for a loopback connection, and all of it taken by the proxy before the client reads.
    far.send(`HTTP/1.1 200 OK\r\nContent-Length: 16000000\r\n\r\n${'x'.repeat(16_000_000)}`);
    t.match(await proxy.ended(1), [{ reason: 'idle_timeout', status: 200, closedBy: 'proxy' }]);
  },
  KEYS,
);

for (const fields of [
  'Content-Length: 100\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Expect: 100-continue\r\nContent-Length: 100\r\n',
]) {
  scene(
    `a client that stops amid its upload is 408 (${fields.trim()})`,
    async (t, { proxy, origin, client, host }) => {
      const part = fields.startsWith('Transfer') ? '5\r\nhello\r\n' : 'hello';
      client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${fields}\r\n${part}`);
      const far = await origin.accept();
      await far.until((text) => text.includes('hello'));
      const answering = readAnswer(client);
      const took = await timed(answering);
      t.ok(took >= IDLE_MS - 50 && took < IDLE_MS + LATE_MS, `after ${took} ms`);
      const { status } = await answering;
      t.ok(status === 408 || (fields.startsWith('Expect') && status === 504), `${status}`);
      t.match(await proxy.ended(1), [{ outcome: 'failed', status }]);
      await far.rest();
    },
    KEYS,
  );
}

scene(
  'what is slow but moves is not idle, either way',
  async (t, { proxy, origin, client, host }) => {
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n`);
    for (let i = 0; i < 10; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      client.send('.');
    }
    const far = await origin.accept();
    await far.until((text) => text.endsWith('..........'));
    far.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
    for (let i = 0; i < 10; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      far.send('.');
    }
    t.equal((await readAnswer(client)).body, '..........');
    t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
  },
  KEYS,
);
