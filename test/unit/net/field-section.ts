import t from 'tap';
import { FieldSection } from '#net/field-section.ts';
import { MAX_ANSWER_FIELDS, MAX_ANSWER_HEAD_BYTES } from '#net/limits.ts';

const MALFORMED = { name: 'MalformedAnswer' };

interface Read {
  readonly end: number;
  readonly startLine: string | undefined;
  readonly fields: readonly string[];
}

/** Reads `text` in pieces of `size` bytes; `end` is counted from its beginning, -1 where the section goes on. */
function read(text: string, size = text.length, hasStartLine = true): Read {
  const section = new FieldSection();
  section.begin(hasStartLine);
  let end = -1;
  for (let from = 0; from < text.length && end < 0; from += size) {
    const piece = section.read(Buffer.from(text.slice(from, from + size), 'latin1'), 0);
    if (piece >= 0) end = from + piece;
  }
  return { end, startLine: section.startLine, fields: section.fields };
}

const HEAD = 'HTTP/1.1 200 OK\r\nA: b\r\nx-TWICE:1\r\nX-Twice:\t 2 \t\r\nEmpty:\r\nOdd: \xfc \x80:\r\n\r\n';
const FIELDS = ['A', 'b', 'x-TWICE', '1', 'X-Twice', '2', 'Empty', '', 'Odd', '\xfc \x80:'];

t.test('FieldSection reads fields as they came, however they are cut', async (t) => {
  for (const size of [HEAD.length, 1, 2, 3, 7, 30]) {
    t.same(read(HEAD, size), { end: HEAD.length, startLine: 'HTTP/1.1 200 OK', fields: FIELDS });
  }
});

t.test('FieldSection leaves what is behind it, and begins anywhere', async (t) => {
  const section = new FieldSection();
  section.begin(true);
  const bytes = Buffer.from(`before${HEAD}A: other\r\n\r\n`, 'latin1');
  t.equal(section.read(bytes, 6), 6 + HEAD.length);
  t.same(section.fields, FIELDS);
});

t.test('FieldSection ends with its own empty line, though another comes in the same bytes', async (t) => {
  const section = new FieldSection();
  section.begin(true);
  t.equal(section.read(Buffer.from('first\r\nA: b\r\n\r'), 0), -1);
  t.equal(section.read(Buffer.from('\n\0\x01 \r\n\r\n'), 0), 1);
  t.same(section.fields, ['A', 'b']);
});

t.test('FieldSection without a start line may be empty', async (t) => {
  t.same(read('\r\n', 1, false), { end: 2, startLine: '', fields: [] });
  t.same(read('A: b\r\n\r\n', 3, false), { end: 8, startLine: '', fields: ['A', 'b'] });
});

t.test('FieldSection tells the start line before the rest is there', async (t) => {
  t.same(read('first\r\nA: '), { end: -1, startLine: 'first', fields: [] });
  t.same(read('firs'), { end: -1, startLine: undefined, fields: [] });
});

const NONSENSE: Readonly<Record<string, string>> = {
  'a fold': 'A: b\r\n c: d\r\n',
  'a fold with a tab': 'A: b\r\n\tc\r\n',
  'a line without a colon': 'Ab\r\n',
  'a line without a name': ': b\r\n',
  'a blank before the colon': 'A : b\r\n',
  'a name that is no token': 'A(: b\r\n',
  'a name beyond ASCII': '\xc4: b\r\n',
  'a bare LF': 'A: b\nC: d\r\n',
  'a bare CR': 'A: b\rC: d\r\n',
  'two CR': 'A: b\r\r\n',
  'a NUL': 'A: b\0\r\n',
  'a control character': 'A: \x1b[0m\r\n',
  'a DEL': 'A: \x7f\r\n',
  'a bare LF in a line that is not whole': 'A: b\nC',
  'a NUL in a line that is not whole': 'A\0',
};

for (const [what, text] of Object.entries(NONSENSE)) {
  t.test(`FieldSection refuses ${what}`, async (t) => {
    for (const size of [1, 2, 100]) t.throws(() => read(`first\r\n${text}`, size), MALFORMED);
  });
}

// Attacks: bounded.
t.test('FieldSection takes as much as the limits say, and no more', async (t) => {
  const fields = (count: number): string => `first\r\n${'A: b\r\n'.repeat(count)}\r\n`;
  t.equal(read(fields(MAX_ANSWER_FIELDS)).fields.length, 2 * MAX_ANSWER_FIELDS);
  t.throws(() => read(fields(MAX_ANSWER_FIELDS + 1)), { message: 'More than 232 fields' });
  const filled = (size: number): string => `first\r\nA: ${'b'.repeat(size - 14)}\r\n\r\n`;
  for (const size of [10_000, 1_000_000]) {
    t.equal(read(filled(MAX_ANSWER_HEAD_BYTES), size).end, MAX_ANSWER_HEAD_BYTES);
    t.throws(() => read(filled(MAX_ANSWER_HEAD_BYTES + 1), size), { message: 'Head too large' });
    t.throws(() => read('x'.repeat(MAX_ANSWER_HEAD_BYTES), size), { message: 'Head too large' });
  }
  const lines = `${'A: b\r\n'.repeat(2)}B: ${'c'.repeat(40_000)}\r\n`;
  t.throws(() => read(`first\r\n${lines}${lines}\r\n`, 50_000), { message: 'Head too large' });
});
