/** The guard's judgement: it finds what got dearer, and is not fooled by a machine that is busy or gets slower. */
import t from 'tap';
import { compare, skippable } from '../../../../bench/stats/paired.ts';

const LIMIT = 1.1;

/** Numbers from 0 to 1 that are the same in every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Costs of eleven rounds around `cost`, each off by at most `noise` of it, and rarely doubled by something else. */
function costs(next: () => number, cost: number, noise: number): number[] {
  return Array.from({ length: 11 }, () => cost * (1 + noise * (2 * next() - 1)) * (next() < 0.02 ? 2 : 1));
}

t.test('skippable() is what a table of the binomial distribution says', async (t) => {
  const known: Readonly<Record<number, number>> = { 5: 0, 7: 0, 8: 1, 10: 1, 11: 2, 12: 2, 13: 3, 20: 5 };
  for (const [rounds, skip] of Object.entries(known))
    t.equal(skippable(Number(rounds)), skip, `${rounds} rounds`);
  for (const rounds of [0, 1, 4])
    t.throws(() => skippable(rounds), /at least 5 are needed/, `${rounds} rounds`);
});

t.test('compare() tells better, same, worse and unclear', async (t) => {
  const base = [100, 101, 99, 100, 102, 98, 100, 101];
  const times = (factor: number): number[] => base.map((value) => value * factor);
  t.match(compare(times(0.7), base, LIMIT), { ratio: 0.7, verdict: 'well' });
  t.match(compare(base, base, LIMIT), { ratio: 1, low: 1, high: 1, verdict: 'well' });
  t.equal(compare(times(1.09), base, LIMIT).verdict, 'well', 'just within the limit');
  t.equal(compare(times(1.12), base, LIMIT).verdict, 'worse', 'just beyond it');
  const wild = [80, 200, 90, 210, 95, 220, 150, 130];
  t.match(compare(wild, base, LIMIT), { verdict: 'unclear' }, 'above, but no more than chance');
});

t.test('compare() pairs: a machine that gets slower makes nobody dearer', async (t) => {
  const drift = Array.from({ length: 10 }, (_, round) => 100 * 1.2 ** round);
  const later = drift.map((value) => value * 1.01);
  const { ratio, verdict } = compare(later, drift, LIMIT);
  t.ok(Math.abs(ratio - 1.01) < 1e-9);
  t.equal(verdict, 'well');
});

t.test('compare() is not moved by one spoiled round', async (t) => {
  const base = Array.from({ length: 10 }, () => 100);
  t.match(compare([100, 100, 100, 900, 100, 100, 100, 100, 100, 100], base, LIMIT), {
    ratio: 1,
    verdict: 'well',
  });
});

t.test('compare() on a noisy machine: few false alarms, no missed pipe', async (t) => {
  const next = chance(7);
  const runs = 2000;
  let alarms = 0;
  let misses = 0;
  for (let run = 0; run < runs; run += 1) {
    if (compare(costs(next, 100, 0.2), costs(next, 100, 0.2), LIMIT).verdict === 'worse') alarms += 1;
    // A relay by pipe costs 1.6 times as much for each GB.
    if (compare(costs(next, 160, 0.1), costs(next, 100, 0.1), LIMIT).verdict !== 'worse') misses += 1;
  }
  t.ok(alarms < 0.03 * runs, `${alarms} of ${runs} runs without a change were called worse`);
  t.ok(misses < 0.005 * runs, `${misses} of ${runs} runs with a pipe passed`);
});

t.test('compare() refuses what it cannot pair', async (t) => {
  t.throws(() => compare([1, 2, 3, 4, 5], [1, 2, 3, 4], LIMIT), /Cannot pair rounds/);
  t.throws(() => compare([1, 2], [1, 2], LIMIT), /at least 5/);
});
