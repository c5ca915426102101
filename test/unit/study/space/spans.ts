import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { partitionLine, type Span } from '#study/space/spans.ts';

const span = (first: number, last: number): Span => ({ first: BigInt(first), last: BigInt(last) });

/** Two pieces of a line with a gap, short enough to look at every number. */
const LINE = [span(0, 9), span(15, 20)];
const NUMBERS = LINE.flatMap(({ first, last }) =>
  Array.from({ length: Number(last - first) + 1 }, (_, index) => Number(first) + index),
);

const spans = fc.array(
  fc.tuple(fc.nat(22), fc.nat(22)).map(([a, b]) => span(Math.min(a, b), Math.max(a, b))),
  { maxLength: 4 },
);

const isIn = (list: readonly Span[], number: bigint): boolean =>
  list.some(({ first, last }) => first <= number && number <= last);

t.test('partitionLine() has every combination of spans that a number is in, and no other', async () => {
  fc.assert(
    fc.property(fc.array(spans, { maxLength: 3 }), (matchers) => {
      const signature = (number: bigint): string => matchers.map((list) => isIn(list, number)).join();
      const { samples, holds } = partitionLine({ spans: LINE, preferred: [] }, matchers);
      const all = new Set(NUMBERS.map((number) => signature(BigInt(number))));
      assert.deepEqual(samples.map(signature).sort(), [...all].sort());
      for (const [index, sample] of samples.entries()) {
        assert(NUMBERS.includes(Number(sample)), 'a number on the line');
        assert.equal(holds.map((classes) => classes.has(index)).join(), signature(sample));
      }
    }),
    { seed: 9, numRuns: 500 },
  );
});

t.test('partitionLine() prefers the numbers given, where they are on the line', async (t) => {
  const { samples } = partitionLine({ spans: LINE, preferred: [12n, 17n, 3n] }, [[span(3, 3)]]);
  t.same(samples, [17n, 3n]);
});
