/** What a cache does beside RFC 9111: answers that are read while they come, asked for once, and bounded. */
import { readAnswer } from '../fixtures/answer.ts';
import { MIB, stage } from '../fixtures/cache-stage.ts';
import type { RawClient } from '../fixtures/client.ts';
import type { RawOrigin } from '../fixtures/origin.ts';
import { eventually } from '../fixtures/within.ts';

const FRESH = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\n';

/** The origin's side of the next request, with its head read. */
async function asked(origin: RawOrigin): Promise<RawClient> {
  const far = await origin.accept();
  await far.head();
  return far;
}

stage(
  'an answer is given while it still comes, to all who want it, and is asked for once',
  async (t, { origin, proxy, ask }) => {
    const first = await ask('/');
    const far = await asked(origin);
    far.send(`${FRESH}Content-Length: 10\r\n\r\n01234`);
    await first.until((text) => text.endsWith('01234'));
    const second = await ask('/');
    await second.until((text) => text.endsWith('01234'));
    far.send('56789');
    for (const client of [first, second]) await client.until((text) => text.endsWith('56789'));
    const third = await readAnswer(await ask('/'));
    t.equal(third.body, '0123456789');
    t.match(third.fields['cache-status'], /^t;hit;ttl=\d+$/);
    t.equal(origin.accepted, 1);
    const records = await proxy.ended(3);
    t.same(records.map(({ cache }) => cache).sort(), ['hit', 'miss', 'miss']);
    t.equal(records.filter(({ isFetched }) => isFetched).length, 1, 'one of them went out');
  },
);

stage('who waits for an answer that may not be kept asks for itself', async (t, { origin, ask }) => {
  const clients = [await ask('/'), await ask('/')];
  const first = await asked(origin);
  first.send('HTTP/1.1 200 OK\r\nCache-Control: private, max-age=60\r\nContent-Length: 1\r\n\r\n1');
  const second = await asked(origin);
  second.send('HTTP/1.1 200 OK\r\nCache-Control: private, max-age=60\r\nContent-Length: 1\r\n\r\n2');
  const answers = await Promise.all(clients.map((client) => readAnswer(client)));
  t.same(answers.map(({ body }) => body).sort(), ['1', '2'], 'each has its own');
  t.match(answers[0]?.fields['cache-status'], /^t;fwd=uri-miss;detail=private$/);
});

stage(
  'an answer outlives the client that it was asked for, where another waits',
  async (t, { origin, proxy, ask }) => {
    const first = await ask('/');
    const far = await asked(origin);
    const second = await ask('/');
    far.send(`${FRESH}Content-Length: 10\r\n\r\n01234`);
    for (const client of [first, second]) await client.until((text) => text.endsWith('01234'));
    first.reset();
    await proxy.ended(1);
    far.send('56789');
    await second.until((text) => text.endsWith('56789'));
    t.equal((await readAnswer(await ask('/'))).body, '0123456789');
    t.equal(origin.accepted, 1);
  },
);

stage('an answer that nobody waits for is broken off, and not kept', async (t, { origin, proxy, ask }) => {
  const first = await ask('/');
  const far = await asked(origin);
  far.send(`${FRESH}Content-Length: 10\r\n\r\n01234`);
  await first.until((text) => text.endsWith('01234'));
  first.reset();
  await far.rest();
  t.match(await proxy.ended(1), [{ outcome: 'client_gone', cache: 'miss' }]);
  t.equal(await proxy.keptBytes(), 0);
});

stage(
  'an answer that breaks off breaks the clients off, and is not kept',
  async (t, { origin, proxy, ask }) => {
    const client = await ask('/');
    const far = await asked(origin);
    far.send(`${FRESH}Content-Length: 10\r\n\r\n01234`);
    await client.until((text) => text.endsWith('01234'));
    far.reset();
    await client.closed();
    t.match(await proxy.ended(1), [{ reason: 'response_incomplete', cache: 'miss' }]);
    t.equal(await proxy.keptBytes(), 0);
  },
);

stage(
  'what is too large passes, with backpressure, and memory stays within its bound',
  async (t, { origin, proxy, ask }) => {
    const client = await ask('/', 'Connection: close\r\n');
    const far = await asked(origin);
    client.socket.pause();
    far.send(`${FRESH}\r\n`);
    const block = Buffer.alloc(MIB, 'x');
    for (let i = 0; i < 24; i += 1) far.send(block);
    far.end();
    await eventually(
      async () => far.socket.writableLength > 0 && (await proxy.keptBytes()) > 0,
      'it to wait',
    );
    t.ok((await proxy.keptBytes()) <= MIB, 'no more than an object is held');
    client.socket.resume();
    t.ok((await client.rest()).length > 24 * MIB);
    t.match(await proxy.ended(1), [{ outcome: 'completed', cache: 'miss' }]);
    t.equal(await proxy.keptBytes(), 0);
  },
);

stage('what is kept for now is asked about, though nobody waits', async (t, { origin, ask }) => {
  const first = await ask('/');
  const far = await asked(origin);
  const date = new Date(Date.now() - 120_000).toUTCString();
  far.send(
    `HTTP/1.1 200 OK\r\nCache-Control: max-age=60, stale-while-revalidate=600\r\nDate: ${date}\r\nETag: "a"\r\nContent-Length: 1\r\n\r\n1`,
  );
  t.equal((await readAnswer(first)).body, '1');
  const stale = await readAnswer(await ask('/'));
  t.match(stale.fields['cache-status'], /^t;hit;ttl=-6\d$/);
  const question = await far.head();
  t.match(question, /if-none-match: "a"/i);
  far.send('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nCache-Control: max-age=3600\r\n\r\n');
  await eventually(
    async () => /hit;ttl=3\d\d\d/.test((await readAnswer(await ask('/'))).fields['cache-status'] ?? ''),
    'it to be fresh',
  );
});
