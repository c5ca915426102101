import fc from 'fast-check';
import t from 'tap';
import { threeDecimals } from '#net/three-decimals.ts';

const TEXTS: readonly (readonly [value: number, text: string])[] = [
  [0, '0'],
  [7, '7'],
  [1.5, '1.5'],
  [1.0004, '1'],
  [0.0005, '0.001'],
  [12.03, '12.03'],
  [999.9996, '1000'],
  [-0.25, '-0.25'],
  [2.5e12 + 0.5, '2500000000000.5'],
  [Number.NaN, 'null'],
  [Number.POSITIVE_INFINITY, 'null'],
];

for (const [value, text] of TEXTS) {
  t.test(`threeDecimals(): ${value}`, async (t) => t.equal(threeDecimals(value), text));
}

t.test('threeDecimals() is the number rounded to thousandths', async () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (value) => {
      return Number(threeDecimals(value)) === Math.round(value * 1000) / 1000;
    }),
    { seed: 20_261_128 },
  );
});
