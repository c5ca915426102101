import t from 'tap';
import { amount, duration, frequency, share } from '#admin/page/numbers.ts';

t.test('amount(), duration() and share() are short', async (t) => {
  for (const [value, text] of [
    [0, '0'],
    [999, '999'],
    [0.25, '0.25'],
    [12.34, '12.3'],
    [1234, '1.23 k'],
    [12_345_678, '12.3 M'],
    [5e15, '5000 T'],
  ] as const) {
    t.equal(amount(value), text);
  }
  for (const [ms, text] of [
    [-5, '0 s'],
    [59_000, '59 s'],
    [61_000, '1 min 1 s'],
    [3_700_000, '1 h 1 min'],
    [90_000_000, '1 d 1 h'],
  ] as const) {
    t.equal(duration(ms), text);
  }
  t.same([50, 0.5, 1 / 3600].map(frequency), ['50/s', '30/min', '1/h']);
  t.match(share(1, 3).text, /value="33">33 %/);
  t.match(share(0, 0).text, /value="0"/);
});
