import t from 'tap';
import { ChunkedBody } from '#net/chunked.ts';

const MALFORMED = { name: 'MalformedAnswer' };

/** Reads `text` in pieces of `size` bytes. */
function read(text: string, size = text.length) {
  const body = new ChunkedBody();
  body.begin();
  let data = '';
  let rest = '';
  for (let from = 0; from < text.length; from += size) {
    const piece = Buffer.from(text.slice(from, from + size), 'latin1');
    let at = 0;
    while (at < piece.length && !body.isOver) {
      at = body.skip(piece, at);
      const end = at + body.passData(piece.length - at);
      data += piece.toString('latin1', at, end);
      at = end;
    }
    rest += piece.toString('latin1', at);
  }
  return { data, rest, isOver: body.isOver, trailers: body.trailers };
}

const SIZES = [1, 2, 3, 5, 1_000_000];

t.test('ChunkedBody finds the data and the trailers, however they are cut', async (t) => {
  const text =
    '3\r\nabc\r\n00A;x\r\n\r\n\r\n0\r\n\xfc\0d\r\n1;a=b;c="d \\" ;\xfc"\r\n;\r\n0\r\nX-Sum: 42\r\nY:\r\n\r\n';
  for (const size of SIZES) {
    t.same(read(text, size), {
      data: 'abc\r\n\r\n0\r\n\xfc\0d;',
      rest: '',
      isOver: true,
      trailers: ['X-Sum', '42', 'Y', ''],
    });
  }
});

t.test('ChunkedBody leaves what is behind it', async (t) => {
  for (const size of SIZES) t.match(read('1\r\na\r\n0\r\n\r\nHTTP', size), { data: 'a', rest: 'HTTP' });
});

t.test('ChunkedBody begins anew', async (t) => {
  const body = new ChunkedBody();
  body.begin();
  t.throws(() => body.skip(Buffer.from('1\r'), 0) && body.skip(Buffer.from('x\n'), 0));
  body.begin();
  t.equal(body.skip(Buffer.from('0\r\nA: b\r\n\r\n'), 0), 11);
  t.ok(body.isOver);
  t.same(body.trailers, ['A', 'b']);
  body.begin();
  t.same([body.isOver, body.passData(9), body.trailers], [false, 0, []]);
});

const NONSENSE: Readonly<Record<string, string>> = {
  'no size': '\r\n',
  'a size that is none': 'g\r\n',
  'a signed size': '+1\r\n',
  'a hexadecimal prefix': '0x1\r\n',
  'a blank before a size': ' 1\r\n',
  'a blank behind a size': '1 \r\n',
  'a bare LF behind a size': '1\na\r\n',
  'a bare CR in an extension': '1;a\rb\r\n',
  'a NUL in an extension': '1;a=\0\r\n',
  'an extension without a name': '1;\r\n',
  'an extension whose quotes are not closed': '1;a="b\r\n',
  'a size beyond what a number can tell': '10000000000000\r\n',
  'more in a chunk than its size': '1\r\nab\r\n',
  'more in a chunk than its size, though no line': '1\r\nab',
  'a bare LF behind a chunk': '1\r\na\n0\r\n\r\n',
  'nonsense in the trailers': '0\r\nA\0: b\r\n\r\n',
  'a fold in the trailers': '0\r\n A: b\r\n\r\n',
};

for (const [what, text] of Object.entries(NONSENSE)) {
  t.test(`ChunkedBody refuses ${what}`, async (t) => {
    for (const size of SIZES) t.throws(() => read(text, size), MALFORMED);
  });
}

// Attacks: bounded.
t.test('ChunkedBody takes a line as long as the limit, and no longer', async (t) => {
  const line = (length: number): string => `1;${'a'.repeat(length - 4)}\r\n`;
  for (const size of [10, 5_000]) {
    t.equal(read(`${line(1024)}a\r\n0\r\n\r\n`, size).data, 'a');
    t.throws(() => read(line(1025), size), { message: 'Chunk size too long' });
  }
});
