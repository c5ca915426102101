import fc from 'fast-check';
import t from 'tap';
import { BodyReader, MAX_BODY_BYTES } from '#peer/reply-body.ts';

interface Framing {
  readonly contentLength?: string;
  readonly transferEncoding?: string;
}

function readerOf(framing: Framing = {}): BodyReader {
  return new BodyReader({
    contentLength: framing.contentLength,
    transferEncoding: framing.transferEncoding,
  });
}

const CHUNKED = { transferEncoding: 'chunked' };

t.test('BodyReader takes as much as Content-Length says', async (t) => {
  const reader = readerOf({ contentLength: '5' });
  t.notOk(reader.take(Buffer.from('abc')));
  t.equal(reader.bytes().toString(), 'abc');
  t.ok(reader.take(Buffer.from('defgh')));
  t.equal(reader.bytes().toString(), 'abcde');
});

t.test('BodyReader of length 0 is complete before the first byte', async (t) => {
  const reader = readerOf({ contentLength: '0' });
  t.ok(reader.take(Buffer.alloc(0)));
  t.equal(reader.bytes().length, 0);
});

t.test('BodyReader without framing takes all that comes, up to the bound', async (t) => {
  const reader = readerOf();
  t.notOk(reader.take(Buffer.alloc(MAX_BODY_BYTES - 1)));
  t.equal(reader.bytes().length, MAX_BODY_BYTES - 1);
  t.ok(reader.take(Buffer.alloc(2)));
  t.equal(reader.bytes().length, MAX_BODY_BYTES);
});

// Attacks: bounded.
t.test('BodyReader takes no more than the bound, whatever Content-Length says', async (t) => {
  const reader = readerOf({ contentLength: '9999999999999999999999' });
  t.ok(reader.take(Buffer.alloc(MAX_BODY_BYTES + 1)));
  t.equal(reader.bytes().length, MAX_BODY_BYTES);
});

for (const contentLength of ['', '-1', '5, 5', '5 5', '0x5', 'five']) {
  t.test(`BodyReader ends at once where Content-Length is "${contentLength}"`, async (t) => {
    const reader = readerOf({ contentLength });
    t.ok(reader.take(Buffer.from('whatever')));
    t.equal(reader.bytes().length, 0);
  });
}

t.test('BodyReader decodes chunks, with extensions and trailers', async (t) => {
  const reader = readerOf({ transferEncoding: ' Chunked', contentLength: '1' });
  t.ok(reader.take(Buffer.from('3;a="b"\r\nabc\r\nA \t;x\r\n0123456789\r\n0\r\nX-Y: z\r\n\r\n')));
  t.equal(reader.bytes().toString(), 'abc0123456789');
});

t.test('BodyReader ends at once where the chunks are nonsense, with what came before', async (t) => {
  for (const nonsense of ['x\r\n', '-1\r\n', '\r\n', '123456789\r\n', '3 3\r\n']) {
    const reader = readerOf(CHUNKED);
    t.ok(reader.take(Buffer.from(`3\r\nabc\r\n${nonsense}`)), nonsense);
    t.equal(reader.bytes().toString(), 'abc');
  }
});

t.test('BodyReader takes no more chunks than the bound allows', async (t) => {
  const reader = readerOf(CHUNKED);
  const chunk = Buffer.from(`400\r\n${'x'.repeat(1024)}\r\n`);
  let taken = 1;
  while (!reader.take(chunk)) taken += 1;
  t.equal(reader.bytes().length, MAX_BODY_BYTES);
  t.ok(taken * chunk.length <= 2 * MAX_BODY_BYTES + chunk.length);
});

// Attacks: bounded.
t.test('BodyReader of endless chunk headers comes to an end', async (t) => {
  const reader = readerOf(CHUNKED);
  t.notOk(reader.take(Buffer.alloc(2 * MAX_BODY_BYTES, '1;')));
  t.ok(reader.take(Buffer.from('1')));
  t.equal(reader.bytes().length, 0);
});

t.test('BodyReader reads the same body however its bytes are split', async (t) => {
  const parts = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
  fc.assert(
    fc.property(parts, fc.array(fc.nat(1_000), { maxLength: 12 }), (chunks, cuts) => {
      const framed = chunks.flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n']);
      const raw = Buffer.concat([...framed, '0\r\n\r\n'].map((part) => Buffer.from(part as string)));
      const at = [...new Set(cuts.map((cut) => cut % raw.length))].sort((a, b) => a - b);
      const reader = readerOf(CHUNKED);
      const pieces = [0, ...at].map((start, i) => raw.subarray(start, at[i] ?? raw.length));
      const isDone = pieces.map((piece) => reader.take(piece));
      t.same(isDone.indexOf(true), pieces.length - 1);
      t.ok(reader.bytes().equals(Buffer.concat(chunks)));
    }),
    { seed: 20_261_129 },
  );
});
