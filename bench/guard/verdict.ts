/** Holds the working tree against the baseline, kind of work by kind of work. */
import type { Outcome } from '../harness/plan.ts';
import { valuesOf } from '../report/results.ts';
import type { Table } from '../report/tables.ts';
import { digits, told } from '../report/units.ts';
import { type Comparison, compare } from '../stats/paired.ts';
import { median } from '../stats/spread.ts';
import type { Heat } from './race.ts';

/** Dearer by more than this is a regression. */
export const LIMIT = 1.1;

/** For the reader who divides the two columns. */
export const RATIO_NOTE =
  'ratio: the median of the ratios of each pair of rounds, which a machine that drifts does not move; the ratio of the medians beside it may differ.';

const SAID: Readonly<Record<Comparison['verdict'], string>> = {
  well: '✓',
  unclear: '? above the limit but within noise: run it again when the machine has nothing else to do',
  worse: '✗ dearer than the baseline',
};

export interface Verdict {
  readonly cells: readonly string[];
  /** It passes what is unclear, but not what could not be measured. */
  readonly isPassed: boolean;
}

export function verdictOn({ workload, pair }: Heat, outcome: Outcome, rounds: number): Verdict {
  const costOf = (subject: string): readonly number[] =>
    valuesOf(outcome, { workload: workload.name, subject, metric: 'cpu' });
  const [ours, theirs] = [costOf(pair.tree), costOf(pair.baseline)];
  if (ours.length !== rounds || theirs.length !== rounds) {
    return { cells: [workload.title, '', '', '', '', '✗ not measured'], isPassed: false };
  }
  const { ratio, low, high, verdict } = compare(ours, theirs, LIMIT);
  const costs = [theirs, ours].map((values) => told('cpu', median(values)));
  const range = `${digits(low)} to ${digits(high)}`;
  return {
    cells: [workload.title, ...costs, digits(ratio), range, SAID[verdict]],
    isPassed: verdict !== 'worse',
  };
}

/** `commit` beside the working tree. */
export function verdictTable(commit: string, verdicts: readonly Verdict[]): Table {
  const head = ['CPU per unit of work', commit.slice(0, 12), 'working tree', 'ratio', '95 % sure', ''];
  return { head, rows: verdicts.map(({ cells }) => cells) };
}
