import fc from 'fast-check';
import t from 'tap';
import { AnswerReader } from '#net/answer-reader.ts';
import { KeptAnswer } from '../../fixtures/exchange.ts';
import { type ReadAnswer, readByNode } from '../../fixtures/node-client.ts';

/** Reads `pieces`, and a FIN; tells whether there was more than the answer. */
function read(pieces: readonly Buffer[], method = 'GET') {
  const [reader, answer] = [new AnswerReader(), new KeptAnswer()];
  reader.begin(answer, method);
  let isAll = true;
  for (const piece of pieces) isAll = reader.read(piece) && isAll;
  return { reader, answer, isAll, isWhole: reader.isOver || reader.end() };
}

/** `text` in pieces that begin at the marks, each a share of it. */
function cut(text: string, marks: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const places = marks.map((mark) => Math.floor(mark * bytes.length)).sort((a, b) => a - b);
  return [0, ...places].map((place, i) => bytes.subarray(place, places[i] ?? bytes.length));
}

const HINT = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
const SIZED = 'HTTP/1.1 200 Fine \xfc\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody';
const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\nX-Sum: 42\r\n\r\n';

t.test('AnswerReader tells an answer whole, however it is cut', async (t) => {
  for (const marks of [[], [0.1], [0.5, 0.9], Array.from({ length: 200 }, (_, i) => i / 200)]) {
    const { answer, isAll, isWhole } = read(cut(HINT + SIZED, marks));
    t.ok(isAll && isWhole);
    t.same(answer.calls, ['information', 'head', 'chunk', 'end']);
    t.same(answer.information, [{ status: 103, headers: ['Link', '</a>'] }]);
    t.match(answer, { status: 200, phrase: 'Fine \xfc', body: 'body', trailers: [] });
    t.same(answer.headers, ['X-One', '1', 'Content-Length', '4']);
    t.match(read(cut(CHUNKED, marks)).answer, { body: 'abcd', trailers: ['X-Sum', '42'] });
  }
});

t.test('AnswerReader reads one answer after the other', async (t) => {
  const [reader, first, second] = [new AnswerReader(), new KeptAnswer(), new KeptAnswer()];
  reader.begin(first, 'HEAD');
  t.ok(reader.read(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nKeep-Alive: timeout=9\r\n\r\n')));
  t.same([reader.isOver, reader.hasHead, reader.keptMs], [true, true, 7_000]);
  reader.begin(second, 'GET');
  t.same([reader.isOver, reader.hasHead], [false, false]);
  t.ok(reader.read(Buffer.from(CHUNKED)));
  t.equal(second.body, 'abcd');
  t.same(first.calls, ['head', 'end']);
});

t.test('AnswerReader tells the chunks that one read brings in one piece', async (t) => {
  const [reader, answer] = [new AnswerReader(), new KeptAnswer()];
  reader.begin(answer, 'GET');
  const chunks: string[] = [];
  answer.onChunk = (chunk) => chunks.push(chunk.toString());
  const reads = ['3\r\nabc\r\n5\r\ndef', `gh\r\n${'1\r\nx\r\n'.repeat(9)}`, '4\r\n0123\r\n0\r\n\r\n'];
  for (const bytes of [CHUNKED.split('3\r\n')[0] as string, ...reads]) t.ok(reader.read(Buffer.from(bytes)));
  t.same(chunks, ['abcdef', 'ghxxxxxxxxx', '0123']);
});

t.test('AnswerReader lends the bytes themselves', async (t) => {
  const [reader, answer] = [new AnswerReader(), new KeptAnswer()];
  reader.begin(answer, 'GET');
  reader.read(Buffer.from('HTTP/1.1 200\r\nContent-Length: 8\r\n\r\n'));
  const [whole, longer] = [Buffer.from('body'), Buffer.from('bodymore')];
  const lent: Buffer[] = [];
  answer.onChunk = (chunk) => lent.push(chunk);
  t.ok(reader.read(whole));
  t.notOk(reader.read(longer), 'there is more than the answer');
  t.equal(lent[0], whole);
  t.equal(lent[1]?.buffer, longer.buffer);
  t.equal(lent[1]?.toString(), 'body');
});

t.test('AnswerReader tells what is behind an answer', async (t) => {
  t.notOk(read([Buffer.from(`${SIZED}x`, 'latin1')]).isAll);
  t.notOk(read([Buffer.from(SIZED, 'latin1'), Buffer.from('x')]).isAll);
  t.notOk(read([Buffer.from(`${CHUNKED}\r\n`)]).isAll);
  t.notOk(read([Buffer.from('HTTP/1.1 204 None\r\n\r\nx')]).isAll);
});

t.test('AnswerReader takes the end for the answer’s only where nothing else delimits it', async (t) => {
  const untilClose = read([Buffer.from('HTTP/1.1 200 OK\r\n\r\nall of '), Buffer.from('it')]);
  t.ok(untilClose.isWhole);
  t.equal(untilClose.answer.body, 'all of it');
  for (const text of ['', 'HTTP/1.1 200 OK\r\nA: b', SIZED.slice(0, -1), CHUNKED.slice(0, -1), HINT]) {
    const { isWhole, answer } = read([Buffer.from(text, 'latin1')]);
    t.notOk(isWhole);
    t.notOk(answer.calls.includes('end'));
  }
});

for (const text of [
  'SSH-2.0-OpenSSH_9.2\r\n',
  'HTTP/2 200 OK\r\n',
  'HTTP/1.2 200 OK\r\n',
  'http/1.1 200 OK\r\n',
  'HTTP/1.1  200 OK\r\n',
  'HTTP/1.1 20 OK\r\n',
  'HTTP/1.1 099 OK\r\n',
  'HTTP/1.1 2000 OK\r\n',
  'HTTP/1.1 200OK\r\n',
  'HTTP/1.1 200 O\x01K\r\n',
  'HTTP/1.1 200 O\nK\r\n',
  '\r\nHTTP/1.1 200 OK\r\n',
  ' HTTP/1.1 200 OK\r\n',
]) {
  t.test(`AnswerReader refuses ${JSON.stringify(text)}`, async (t) => {
    t.throws(() => read([Buffer.from(text)]), { name: 'MalformedAnswer' });
    t.throws(() => read(cut(text, [0.2, 0.4, 0.95])), { name: 'MalformedAnswer' });
  });
}

t.test('AnswerReader refuses an interim answer that nothing can follow', async (t) => {
  for (const text of ['HTTP/1.0 103 Hints\r\n\r\n', 'HTTP/1.1 103 Hints\r\nConnection: close\r\n\r\n']) {
    t.throws(() => read([Buffer.from(text + SIZED)]), {
      message: 'An interim answer that nothing can follow',
    });
  }
});

t.test('AnswerReader refuses a 101', async (t) => {
  const text = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
  t.throws(() => read([Buffer.from(text)]), { message: 'A 101 that was not asked for' });
});

for (const [call, text] of [
  ['information', HINT + SIZED],
  ['head', 'HTTP/1.1 204 None\r\n\r\n'],
  ['head', SIZED],
  ['chunk', SIZED],
  ['chunk', CHUNKED],
  ['chunk', 'HTTP/1.1 200 OK\r\n\r\nbody'],
] as const) {
  t.test(`AnswerReader tells no more once it is stopped within ${call}`, async (t) => {
    const [reader, answer] = [new AnswerReader(), new KeptAnswer()];
    reader.begin(answer, 'GET');
    answer.onCall = (name) => name === call && reader.stop();
    reader.read(Buffer.from(text, 'latin1'));
    t.equal(answer.calls.at(-1), call);
    t.notOk(reader.isOver);
    t.notOk(reader.end());
  });
}

const field = fc.constantFrom(
  'A: b',
  'X-Y:\t c ',
  'Empty:',
  'Odd: \xfc\x80',
  'Connection: close',
  'Connection: keep-alive',
  'Upgrade: x',
  'Content-Length: 3',
  'Transfer-Encoding: gzip, chunked',
  'Trailer: X-Sum',
);
const interim = fc.constantFrom('', '', HINT, 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.0 102 \r\n\r\n');
const statusLine = fc.constantFrom(
  'HTTP/1.1 200 OK',
  'HTTP/1.1 404',
  'HTTP/1.1 599 ',
  'HTTP/1.0 200 Fine',
  'HTTP/1.1 204 None',
  'HTTP/1.1 304 Same',
);
const CHUNKS = [
  '3\r\nabc\r\n0\r\n\r\n',
  '3;a\r\nabc\r\n0;b="c\\" ;"\r\n\r\n',
  '2\r\nab\r\n0A;x=y\r\n0123456789\r\n000\r\nX-Sum: 42\r\nY: \r\n\r\n',
];
/** A field and the body that it tells of, and now and then another. */
const framed = fc.constantFrom(
  ['Content-Length: 3', 'abc'],
  ['Content-Length: 0', ''],
  ['No-Length: 1', 'abc'],
  ['Content-Length: 3', ''],
  ...CHUNKS.map((body) => ['Transfer-Encoding: chunked', body]),
);
const nasty = fc.constantFrom(
  '\r',
  '\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '"',
  '=',
  '\\',
  '0',
  'a',
  '\x7f',
  '\xff',
  '\r\n',
);
const blow = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  dropped: fc.nat(1),
  added: nasty,
});

const answers = fc
  .record({
    interim,
    statusLine,
    fields: fc.array(field, { maxLength: 3 }),
    framed,
    blows: fc.oneof(fc.array(blow, { maxLength: 0 }), fc.array(blow, { maxLength: 2 })),
  })
  .map(({ interim, statusLine, fields, framed: [framing, body], blows }) => {
    const lines = [statusLine, ...fields, framing].map((line) => `${line}\r\n`).join('');
    return blows.reduce((text, { place, dropped, added }) => {
      const at = Math.floor(place * text.length);
      return text.slice(0, at) + added + text.slice(at + dropped);
    }, `${interim}${lines}\r\n${body}`);
  });

/** Undefined where it is refused, is not whole, or is not all. */
function readByUs(method: string, pieces: readonly Buffer[]): ReadAnswer | undefined {
  try {
    const { answer, isWhole, isAll } = read(pieces, method);
    const { information, status, phrase, headers, body, trailers = [] } = answer;
    return isWhole && isAll ? { information, status, phrase, headers, body, trailers } : undefined;
  } catch (error) {
    if ((error as Error).name === 'MalformedAnswer') return undefined;
    throw error;
  }
}

t.test('AnswerReader takes nothing that Node does not take in the same way, however it is cut', async (t) => {
  let taken = 0;
  const marks = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
  const property = fc.asyncProperty(
    answers,
    marks,
    fc.constantFrom('GET', 'HEAD'),
    async (text, marks, method) => {
      const ours = readByUs(method, cut(text, marks));
      t.strictSame(readByUs(method, cut(text, [])), ours);
      if (ours === undefined) return;
      taken += 1;
      t.strictSame(ours, await readByNode(method, cut(text, marks)));
    },
  );
  await fc.assert(property, { seed: 20_261_129, numRuns: 2_000 });
  t.ok(taken > 100, `${taken} answers`);
});
