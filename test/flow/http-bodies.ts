/** Bodies of plain HTTP are streams: nothing waits for the end, nothing is held, nothing is lost, trailers included. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readAnswer } from '../fixtures/answer.ts';
import type { RawClient } from '../fixtures/client.ts';
import { scene } from '../fixtures/scene.ts';

const BLOCK = randomBytes(1024 * 1024);
const BLOCKS = 48;
const TOTAL = BLOCK.length * BLOCKS;
const FRAMINGS = { sized: `Content-Length: ${TOTAL}`, chunked: 'Transfer-Encoding: chunked' } as const;

function expected(): string {
  const hash = createHash('sha256');
  for (let i = 0; i < BLOCKS; i += 1) hash.update(BLOCK);
  return hash.digest('hex');
}

async function sendAll(to: RawClient, framing: keyof typeof FRAMINGS): Promise<void> {
  const isChunked = framing === 'chunked';
  for (let i = 0; i < BLOCKS; i += 1) {
    if (isChunked) to.send(`${BLOCK.length.toString(16)}\r\n`);
    if (!to.socket.write(BLOCK)) await once(to.socket, 'drain');
    if (isChunked) to.send('\r\n');
  }
  if (isChunked) to.send('0\r\n\r\n');
}

/** SHA-256 of a body by its framing, and how much of the message was framing. */
async function digestOf(from: RawClient, fields: Readonly<Record<string, string>>): Promise<string> {
  const hash = createHash('sha256');
  let got = from.takeBytes();
  const more = async (): Promise<void> => {
    if (got.length === 0) got = Buffer.from(await from.until((text) => text !== ''), 'latin1');
  };
  const take = async (length: number): Promise<void> => {
    for (let left = length; left > 0; ) {
      await more();
      const part = got.subarray(0, left);
      hash.update(part);
      left -= part.length;
      got = got.subarray(part.length);
    }
  };
  if (fields['content-length'] !== undefined) {
    await take(Number(fields['content-length']));
    return hash.digest('hex');
  }
  for (;;) {
    let line = '';
    while (!line.endsWith('\r\n')) {
      await more();
      line += String.fromCharCode(got[0] ?? 0);
      got = got.subarray(1);
    }
    const size = Number.parseInt(line, 16);
    if (size === 0) return hash.digest('hex');
    await take(size);
    for (let i = 0; i < 2; i += 1) {
      await more();
      got = got.subarray(1);
    }
  }
}

for (const framing of ['sized', 'chunked'] as const) {
  scene(`${TOTAL} bytes of a ${framing} download arrive as they were`, async (t, scene) => {
    const { proxy, origin, client, host } = scene;
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    far.send(`HTTP/1.1 200 OK\r\n${FRAMINGS[framing]}\r\n\r\n`);
    // Before the first byte of the body is there.
    t.match(await client.head(), FRAMINGS[framing]);
    const digest = digestOf(client, framing === 'sized' ? { 'content-length': String(TOTAL) } : {});
    await sendAll(far, framing);
    t.equal(await digest, expected());
    const [record] = await proxy.ended(1);
    t.equal(record?.outcome, 'completed');
    t.ok((record?.bytesToClient ?? 0) >= TOTAL);
  });

  scene(`${TOTAL} bytes of a ${framing} upload arrive as they were`, async (t, scene) => {
    const { proxy, origin, client, host } = scene;
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${FRAMINGS[framing]}\r\n\r\n`);
    const sending = sendAll(client, framing);
    const far = await origin.accept();
    const head = await far.head();
    t.match(head.toLowerCase(), FRAMINGS[framing].toLowerCase());
    t.equal(await digestOf(far, framing === 'sized' ? { 'content-length': String(TOTAL) } : {}), expected());
    await sending;
    far.send('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
    t.equal((await readAnswer(client)).status, 201);
    const [record] = await proxy.ended(1);
    t.equal(record?.outcome, 'completed');
    t.ok((record?.bytesFromClient ?? 0) >= TOTAL);
  });
}

scene('the first part of a body passes before the last is there', async (t, { origin, client, host }) => {
  client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`);
  const far = await origin.accept();
  await far.head();
  await far.until((text) => text.includes('abc'));
  client.send('3\r\ndef\r\n0\r\n\r\n');
  await far.until((text) => text.includes('def'));
  far.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nghi\r\n');
  await client.until((text) => text.includes('ghi'));
  far.send('3\r\njkl\r\n0\r\n\r\n');
  t.match(await client.until((text) => text.endsWith('0\r\n\r\n')), 'jkl');
});

scene('a body that comes with its head is passed on, and so is the request behind it', async (t, scene) => {
  const { proxy, origin, client, host } = scene;
  const post = (body: string): string =>
    `POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const bodies = ['x'.repeat(4096), 'abc'];
  client.send(bodies.map(post).join(''));
  for (const body of bodies) {
    const far = await origin.accept();
    t.match(await far.head(), /^POST .*\r\ncontent-length: \d+\r\n/is);
    await far.expect(body);
    far.send('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi');
    t.equal((await readAnswer(client)).body, 'hi');
  }
  t.match(await proxy.ended(2), [{ outcome: 'completed' }, { outcome: 'completed' }]);
});

scene('the trailers of an answer are relayed', async (t, { proxy, origin, client, host }) => {
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n`);
  const far = await origin.accept();
  far.send(
    'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\nx-other: 2\r\n\r\n',
  );
  const answer = await readAnswer(client);
  t.equal(answer.fields.trailer, 'X-Sum');
  t.equal(answer.body, 'hi');
  t.same(answer.trailers, ['X-Sum: 1', 'x-other: 2']);
  t.match(await proxy.ended(1), [{ outcome: 'completed' }]);
});

scene('the trailers of a request are relayed', async (t, { proxy, origin, client, host }) => {
  client.send(
    `POST http://${host}/ HTTP/1.1\r\nHost: x\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n`,
  );
  const far = await origin.accept();
  const got = await readAnswer(far);
  t.equal(got.fields.trailer, 'X-Sum');
  t.equal(got.body, 'hi');
  t.same(got.trailers, ['X-Sum: 1']);
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  t.equal((await readAnswer(client)).status, 200);
  t.match(await proxy.ended(1), [{ outcome: 'completed' }]);
});

const TO_OLD: Readonly<Record<string, string>> = {
  'with a length': 'Content-Length: 5\r\n\r\nhello',
  'in chunks': 'Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
};

for (const [title, rest] of Object.entries(TO_OLD)) {
  scene(`an HTTP/1.0 client gets a body that came ${title}`, async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.0\r\n\r\n`);
    const far = await origin.accept();
    t.match(await far.head(), /^GET \/ HTTP\/1\.1\r\n(.+\r\n)+Via: 1\.0 t-/);
    far.send(`HTTP/1.1 200 OK\r\n${rest}`);
    const answer = await client.rest();
    t.equal(client.ending, 'end');
    t.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    t.match(answer, /\r\nConnection: close\r\n/);
    t.notMatch(answer, /Transfer-Encoding/);
    t.ok(answer.endsWith('\r\n\r\nhello'));
    t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
  });
}

scene('an HTTP/1.0 client may not keep its connection', async (t, { proxy, origin, client, host }) => {
  const head = `GET http://${host}/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`;
  client.send(head + head);
  const far = await origin.accept();
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  const answer = await readAnswer(client);
  t.equal(answer.fields.connection, 'close');
  t.notOk('keep-alive' in answer.fields);
  t.equal(await client.rest(), '', 'what it had sent behind is not answered');
  t.equal(client.ending, 'end');
  t.match((await proxy.ended(1))[0], { outcome: 'completed' });
  t.equal(origin.accepted, 1);
  t.equal(far.received.split('GET ').length, 2, 'nor asked');
});

scene(
  'a body that runs to the end of an HTTP/1.0 origin is whole',
  async (t, { proxy, origin, client, host }) => {
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    far.send('HTTP/1.0 200 OK\r\n\r\nhello');
    far.end();
    const answer = await readAnswer(client);
    t.equal(answer.body, 'hello');
    t.equal(answer.fields['transfer-encoding'], 'chunked');
    t.match(await proxy.ended(1), [{ outcome: 'completed' }]);
  },
);
