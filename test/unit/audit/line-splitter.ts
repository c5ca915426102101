import t from 'tap';
import { LineSplitter, MAX_LINE_BYTES } from '#audit/line-splitter.ts';

t.test('LineSplitter finds the same lines however they come in', async (t) => {
  const bytes = Buffer.from('first\n\nthïrd\nrest');
  for (let size = 1; size <= bytes.length; size += 1) {
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += size)
      lines.push(...splitter.take(bytes.subarray(at, at + size)));
    t.same(lines, ['first', '', Buffer.from('thïrd').toString('latin1')], `pieces of ${size}`);
    t.equal(splitter.rest, 'rest');
  }
});

// Attacks: bounded.
t.test('LineSplitter keeps of a line without end no more than a record can have', async (t) => {
  const splitter = new LineSplitter();
  for (let index = 0; index < 10; index += 1) splitter.take(Buffer.alloc(MAX_LINE_BYTES, 'x'));
  t.equal(splitter.rest.length, MAX_LINE_BYTES);
});
