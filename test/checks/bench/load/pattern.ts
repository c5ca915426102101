/** The bytes that prove a transfer: whatever a proxy does wrong with them shows. */
import { Writable } from 'node:stream';
import t from 'tap';
import { isPattern, patternOf, pour } from '../../../../bench/load/pattern.ts';

const BYTES = 1_000_003;

t.test('isPattern() knows the pattern from any offset', async (t) => {
  const whole = patternOf(BYTES);
  for (const [from, to] of [
    [0, BYTES],
    [65_536, 65_540],
    [999_999, BYTES],
  ]) {
    t.equal(isPattern(whole.subarray(from, to), from ?? 0), true, `from ${from}`);
  }
});

t.test(
  'isPattern() sees a byte that differs, is lost, is doubled, and chunks that changed places',
  async (t) => {
    const whole = patternOf(BYTES);
    const flipped = Buffer.from(whole);
    flipped[700_000] = (flipped[700_000] ?? 0) ^ 1;
    const wrong: Readonly<Record<string, Buffer>> = {
      flipped,
      lost: Buffer.concat([whole.subarray(0, 1000), whole.subarray(1001)]),
      doubled: Buffer.concat([whole.subarray(0, 1000), whole.subarray(999)]),
      moved: Buffer.concat([whole.subarray(65_536, 131_072), whole.subarray(0, 65_536)]),
    };
    for (const [what, bytes] of Object.entries(wrong)) t.equal(isPattern(bytes, 0), false, what);
  },
);

t.test('pour() writes exactly so many bytes, and waits for who is slow', async (t) => {
  const chunks: Buffer[] = [];
  let waiting = 0;
  const slow = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      waiting += 1;
      t.equal(waiting, 1, 'one write at a time');
      chunks.push(chunk);
      setImmediate(() => {
        waiting -= 1;
        done();
      });
    },
  });
  await new Promise<void>((resolve) => pour(slow, BYTES, resolve));
  const got = Buffer.concat(chunks);
  t.equal(got.length, BYTES);
  t.equal(isPattern(got, 0), true);
});
