/**
 * Compares two subjects that took their rounds in turn. Each round's ratio is taken by itself, because what a machine does to one
 * it does to the other a moment later; so a slow drift cancels out, which it would not in a ratio of medians.
 */
import { median } from './spread.ts';

export interface Comparison {
  /** Median of the ratios of the rounds. */
  readonly ratio: number;
  /** The true median ratio lies above this with {@link CONFIDENCE}. */
  readonly low: number;
  /** And below this with the same. */
  readonly high: number;
  readonly verdict: Verdict;
}

/**
 * `worse`: above the limit, and more than noise. `unclear`: above the limit, but the rounds differ so much among themselves that
 * no change at all would explain it. `well`: not above the limit.
 */
export type Verdict = 'well' | 'unclear' | 'worse';

const CONFIDENCE = 0.95;

/** Probability that at most `k` of `n` tosses of a coin are heads. */
function atMostHeads(k: number, n: number): number {
  let term = 0.5 ** n;
  let sum = 0;
  for (let heads = 0; heads <= k; heads += 1) {
    sum += term;
    term *= (n - heads) / (heads + 1);
  }
  return sum;
}

/**
 * How many of `n` sorted values may be skipped at one end before the next bounds their true median with {@link CONFIDENCE}. Each
 * value is as likely above the true median as below it, whatever the noise looks like, so this is a question about coins; rounds
 * that a busy machine spoiled cannot stretch the bound as they would a standard deviation.
 * @throws where `n` values are too few to tell anything
 */
export function skippable(n: number): number {
  let skip = -1;
  while (atMostHeads(skip + 1, n) <= 1 - CONFIDENCE) skip += 1;
  if (skip < 0) throw new Error(`Cannot compare by ${n} rounds: at least 5 are needed`);
  return skip;
}

/**
 * Compares costs: `ours` with `theirs`, round by round. Above `limit` is worse only where the bound below the ratio is above 1,
 * too. To ask for the bound itself above the limit would let most regressions just beyond it pass on a noisy machine; to ask for
 * the median alone would fail runs in which nothing changed.
 * @throws for different numbers of rounds, and for too few
 */
export function compare(ours: readonly number[], theirs: readonly number[], limit: number): Comparison {
  if (ours.length !== theirs.length)
    throw new Error('Cannot pair rounds: one subject has more than the other');
  const ratios = ours.map((value, round) => value / (theirs[round] ?? Number.NaN)).sort((a, b) => a - b);
  const skip = skippable(ratios.length);
  const [low = Number.NaN, high = Number.NaN] = [ratios[skip], ratios[ratios.length - 1 - skip]];
  const ratio = median(ratios);
  if (!(ratio > limit)) return { ratio, low, high, verdict: 'well' };
  return { ratio, low, high, verdict: low > 1 ? 'worse' : 'unclear' };
}
