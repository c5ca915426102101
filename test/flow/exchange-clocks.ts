/** The idle clock of plain HTTP: whoever is waited for in vain is named, and an answer that has begun is broken off. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Test } from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

const IDLE_MS = 300;
const KEYS = { timeouts: `{ idle: ${IDLE_MS}ms, establish: 1h }` };

/** Checks that what is over now began long enough before: no clock of a proxy can have begun earlier than that. */
function neverEarly(t: Test, beganMs: number): void {
  const took = performance.now() - beganMs;
  t.ok(took >= IDLE_MS - 50, `after ${took} ms`);
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
      const beganMs = performance.now();
      client.send(request.replace('HOST', host));
      const far = await origin.accept();
      await far.head();
      t.match(await client.head(), /^HTTP\/1\.1 504 Target was silent too long \(t\)\r\n/);
      neverEarly(t, beganMs);
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
      const beganMs = performance.now();
      far.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello');
      await client.until((text) => text.endsWith('hello'));
      await client.rest();
      t.equal(client.ending, 'ECONNRESET');
      neverEarly(t, beganMs);
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
    const beganMs = performance.now();
    far.send('x'.repeat(50_000_000));
    await proxy.ended(1);
    neverEarly(t, beganMs);
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
      const beganMs = performance.now();
      client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${fields}\r\n${part}`);
      const far = await origin.accept();
      await far.until((text) => text.includes('hello'));
      const { status } = await readAnswer(client);
      neverEarly(t, beganMs);
      t.ok(status === 408 || (fields.startsWith('Expect') && status === 504), `${status}`);
      t.match(await proxy.ended(1), [{ outcome: 'failed', status }]);
      await far.rest();
    },
    KEYS,
  );
}

/** A step is shorter than the clock by more than a busy machine stands still, and all together are longer. */
const STEPS = 9;
const STEP_MS = 250;

scene(
  'what is slow but moves is not idle, either way',
  async (t, { proxy, origin, client, host }) => {
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${STEPS}\r\n\r\n`);
    for (let i = 0; i < STEPS; i += 1) {
      await delay(STEP_MS);
      client.send('.');
    }
    const far = await origin.accept();
    await far.until((text) => text.endsWith('.'.repeat(STEPS)));
    far.send(`HTTP/1.1 200 OK\r\nContent-Length: ${STEPS}\r\n\r\n`);
    for (let i = 0; i < STEPS; i += 1) {
      await delay(STEP_MS);
      far.send('.');
    }
    t.equal((await readAnswer(client)).body, '.'.repeat(STEPS));
    t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
  },
  { timeouts: '{ idle: 2s }' },
);
