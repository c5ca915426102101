/** Holds a run against the contract: each row with its value, its spread, and whether must and aim are reached. */
import { median } from '../stats/spread.ts';
import { CONTRACT, type Row, type Unit } from './contract.ts';
import { type Results, valuesOf } from './results.ts';

export interface Judged {
  readonly row: Row;
  /** In the row's unit; undefined where it was not measured. */
  readonly value: Value | undefined;
  readonly standing: Standing;
}

export interface Value {
  readonly median: number;
  /** Of the rounds; of a ratio, of the ratios of each round. */
  readonly min: number;
  readonly max: number;
}

export type Standing = 'aim' | 'must' | 'missed' | 'not measured';

const FACTORS: Readonly<Record<Unit, number>> = { ratio: 1, kB: 1e-3, µs: 1e6 };

function measuredFor(
  { measured, base, unit }: Row,
  results: Pick<Results, 'observations'>,
): Value | undefined {
  const ours = valuesOf(results, measured);
  const theirs = base === undefined ? undefined : valuesOf(results, base);
  if (ours.length === 0 || theirs?.length === 0) return undefined;
  const factor = FACTORS[unit];
  const each = ours.map((value, round) => (factor * value) / (theirs?.[round] ?? 1));
  const middle = (factor * median(ours)) / (theirs === undefined ? 1 : median(theirs));
  return { median: middle, min: Math.min(...each), max: Math.max(...each) };
}

function standingOf({ must, aim }: Row, value: Value | undefined): Standing {
  if (value === undefined) return 'not measured';
  if (value.median <= aim) return 'aim';
  return value.median <= must ? 'must' : 'missed';
}

/** Every row of the contract, in its order. */
export function judge(results: Pick<Results, 'observations'>): readonly Judged[] {
  return CONTRACT.map((row) => {
    const value = measuredFor(row, results);
    return { row, value, standing: standingOf(row, value) };
  });
}

/** Whether no must is missed; a run that judged nothing has kept nothing. */
export function isKept(judged: readonly Judged[]): boolean {
  const known = judged.filter(({ standing }) => standing !== 'not measured');
  return known.length > 0 && known.every(({ standing }) => standing !== 'missed');
}
