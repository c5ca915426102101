/**
 * What the rounds of a run say of one measurement, and of one beside another: rounds are paired by their number, and what did not
 * take every round of the run counts as not measured, since medians over different rounds compare different moments.
 */
import { roundsOf } from '../harness/plan.ts';
import { type Spread, spreadOf } from '../stats/spread.ts';
import { type Query, type Results, readingsOf } from './results.ts';

export type Rounds = Pick<Results, 'rounds' | 'workloads' | 'observations'>;

/** The values of rounds 1, 2, 3 …; undefined where one of them is missing. */
function wholeOf(results: Rounds, query: Query): readonly number[] | undefined {
  const byRound = new Map(readingsOf(results, query).map(({ round, value }) => [round, value]));
  const { laps } = results.workloads.find(({ name }) => name === query.workload) ?? {};
  const values = Array.from({ length: roundsOf(results, { laps }) }, (_, index) => byRound.get(index + 1));
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** Median, least and largest of the rounds; undefined where one of them is missing. */
export function wholeSpreadOf(results: Rounds, query: Query): Spread | undefined {
  const values = wholeOf(results, query);
  return values && spreadOf(values);
}

/**
 * The ratio of the medians, with the least and the largest of the ratios of each round. Undefined where a round is missing, and
 * where one cost so little that the kernel's clock saw nothing.
 */
export function ratioOf(results: Rounds, measured: Query, base: Query): Spread | undefined {
  const [ours, theirs] = [wholeOf(results, measured), wholeOf(results, base)];
  if (ours === undefined || theirs === undefined || theirs.includes(0)) return undefined;
  const { min, max } = spreadOf(ours.map((value, index) => value / (theirs[index] as number)));
  return { median: spreadOf(ours).median / spreadOf(theirs).median, min, max };
}
