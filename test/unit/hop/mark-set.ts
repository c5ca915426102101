import { randomBytes } from 'node:crypto';
import t from 'tap';
import { MarkSet } from '#hop/mark-set.ts';

t.test('a MarkSet has what was put in, and nothing else', async (t) => {
  const set = new MarkSet(100_000);
  const bytes = randomBytes(8 * 5000);
  for (let at = 0; at < bytes.length; at += 8)
    t.ok(!set.has(bytes, at) && set.add(bytes, at), `mark at ${at}`);
  for (let at = 0; at < bytes.length; at += 8)
    t.ok(set.has(bytes, at) && !set.add(bytes, at), `mark at ${at}`);
  t.notOk(set.has(randomBytes(8), 0));
});

t.test('a MarkSet tells marks apart that meet in one place, and those of zeros', async (t) => {
  const set = new MarkSet(1000);
  const mark = (high: number, low: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32LE(high);
    bytes.writeInt32LE(low, 4);
    return bytes;
  };
  for (let low = 2; low < 300; low += 1) t.ok(set.add(mark(7, low), 0));
  for (let low = 2; low < 300; low += 1) t.notOk(set.add(mark(7, low), 0));
  t.ok(set.add(mark(0, 0), 0));
  t.notOk(set.add(mark(0, 0), 0));
  t.ok(set.has(mark(0, 0), 0));
});

// Attacks: bounded.
t.test('a full MarkSet takes no more', async (t) => {
  const set = new MarkSet(2);
  const bytes = randomBytes(24);
  set.add(bytes, 0);
  t.notOk(set.isFull);
  set.add(bytes, 8);
  t.ok(set.isFull);
  t.ok(set.add(bytes, 16), 'it was not in before');
  t.notOk(set.has(bytes, 16), 'and is not now');
});
