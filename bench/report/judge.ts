/** Holds a run against the contract: each row with its value, its spread, and whether must and aim are reached. */
import type { Spread } from '../stats/spread.ts';
import { CONTRACT, type Row, type Unit } from './contract.ts';
import { type Rounds, ratioOf, wholeSpreadOf } from './ratio.ts';
import type { Query, Results } from './results.ts';

export interface Judged {
  readonly row: Row;
  /** In the row's unit, its range that of the rounds or of their ratios; undefined where it was not measured. */
  readonly value: Spread | undefined;
  readonly standing: Standing;
}

export type Standing = 'aim' | 'must' | 'missed' | 'not measured';

/** What a judgement needs of a run. */
export type Run = Rounds & Pick<Results, 'subjects' | 'missing'>;

const FACTORS: Readonly<Record<Unit, number>> = { ratio: 1, kB: 1e-3, µs: 1e6 };

function measuredFor({ measured, base, unit }: Row, run: Rounds): Spread | undefined {
  const value = base === undefined ? wholeSpreadOf(run, measured) : ratioOf(run, measured, base);
  if (value === undefined) return undefined;
  const factor = FACTORS[unit];
  return { min: factor * value.min, median: factor * value.median, max: factor * value.max };
}

function standingOf({ must, aim }: Row, value: Spread | undefined): Standing {
  if (value === undefined) return 'not measured';
  if (value.median <= aim) return 'aim';
  return value.median <= must ? 'must' : 'missed';
}

/** Whether a run was to measure what `row` is about. A subject that was chosen and is not installed was chosen all the same. */
function isChosen({ measured, base = measured }: Row, { workloads, subjects, missing }: Run): boolean {
  const isOne = ({ workload, subject }: Query): boolean =>
    workloads.some(({ name }) => name === workload) &&
    (subject in missing || subjects.some(({ name }) => name === subject));
  return isOne(measured) && isOne(base);
}

/** Every row of the contract that `run` was to measure, in their order. */
export function judge(run: Run): readonly Judged[] {
  return CONTRACT.filter((row) => isChosen(row, run)).map((row) => {
    const value = measuredFor(row, run);
    return { row, value, standing: standingOf(row, value) };
  });
}
