import net from 'node:net';
import t, { type Test } from 'tap';
import { AnswerReader } from '#doctor/answer-reader.ts';
import { tcpOrigin } from '../../fixtures/origin.ts';
import { owned } from '../../fixtures/owned.ts';

type Serve = (socket: net.Socket) => void;

/** A reader at work on a connection to whom `serve` serves. */
async function reading(t: Test, serve: Serve) {
  const { port } = owned(t, await tcpOrigin(serve));
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  t.teardown(() => socket.destroy());
  return { socket, reader: new AnswerReader(socket) };
}

const say =
  (...texts: readonly string[]): Serve =>
  (socket) => {
    for (const text of texts) socket.write(text, 'latin1');
  };

t.test('AnswerReader leaves what comes behind a head that opens a tunnel', async (t) => {
  const { reader, socket } = await reading(
    t,
    say('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nA: b\r\n\r\nglued'),
  );
  t.same(await reader.answer, { status: 200, phrase: '', headers: ['A', 'b'], body: '' });
  t.equal(String(socket.read()), 'glued');
  const { reader: bare } = await reading(t, say('HTTP/1.1 204 No\r\n\r\n'));
  t.match(await bare.answer, { status: 204, phrase: 'No' });
});

t.test('AnswerReader reads the page of a refusal, in pieces and as long as it says', async (t) => {
  const head = 'HTTP/1.1 403 Denied by t1\r\nContent-Length: 6\r\n';
  const { reader } = await reading(t, (socket) => {
    socket.write(head);
    setImmediate(() => socket.write('\r\nabc'));
    setTimeout(() => socket.write('def and more'), 20);
  });
  t.match(await reader.answer, { status: 403, phrase: 'Denied by t1', body: /^abcdef/ });
});

t.test('AnswerReader takes what came of a page that ends, breaks off or goes on', async (t) => {
  const begun = 'HTTP/1.1 503 No\r\nContent-Length: x\r\n\r\nbegun';
  for (const end of ['end', 'resetAndDestroy', 'destroySoon'] as const) {
    const { reader } = await reading(t, (socket) => {
      socket.write(begun, () => setTimeout(() => socket[end](), 20));
    });
    t.match(await reader.answer, { status: 503, body: 'begun' }, end);
  }
  const { reader, socket } = await reading(t, say(begun));
  await new Promise((resolve) => socket.once('data', resolve));
  reader.stop();
  t.match(await reader.answer, { status: 503, body: 'begun' });
});

t.test('AnswerReader takes a page up to 64 KiB, whatever length is said', async (t) => {
  const long = 'x'.repeat(100_000);
  const { reader } = await reading(t, say(`HTTP/1.1 502 No\r\nContent-Length: 100000\r\n\r\n${long}`));
  t.equal((await reader.answer).body.length, 65_536);
});

t.test('AnswerReader refuses what is no answer', async (t) => {
  for (const [text, message] of [
    ['SSH-2.0-x\r\n\r\n', /^what it answers is no HTTP\/1\.1$/],
    ['HTTP/2 200\r\n\r\n', /^what it answers is no HTTP\/1\.1$/],
    ['HTTP/1.1 200 OK\r\nno field\r\n\r\n', /^Malformed field line$/],
  ] as const) {
    const { reader } = await reading(t, say(text));
    await t.rejects(reader.answer, { message }, text);
  }
  const closed = await reading(t, (socket) => socket.end('HTTP/1.1 200 OK\r\n'));
  await t.rejects(closed.reader.answer, {
    message: 'the other side closed the connection without an answer',
  });
  const reset = await reading(t, (socket) => void setTimeout(() => socket.resetAndDestroy(), 20));
  await t.rejects(reset.reader.answer, { code: 'ECONNRESET' });
  const silent = await reading(t, () => {});
  silent.reader.stop();
  t.equal(
    await Promise.race([silent.reader.answer, 'still waits']),
    'still waits',
    'who stops has to tell why',
  );
});
