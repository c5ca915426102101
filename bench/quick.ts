/**
 * `npm run bench:quick`: whether the working tree costs more processor time than the commit named in bench/baseline, in under three
 * minutes. Both run at the same time and take many short rounds in turn. Exit status 1 where a kind of work got more than a
 * tenth dearer beyond noise, where a measurement failed, and where there is no baseline. No part of `npm test`, because it
 * needs a machine with nothing else to do.
 */
import { join } from 'node:path';
import process from 'node:process';
import { checkOut, readBaseline } from './guard/baseline.ts';
import { type Heat, heats, racers } from './guard/race.ts';
import type { Outcome } from './harness/plan.ts';
import { Progress } from './harness/progress.ts';
import { runPlan } from './harness/run-plan.ts';
import { valuesOf } from './report/results.ts';
import type { Table } from './report/tables.ts';
import { textTable } from './report/text.ts';
import { digits, told } from './report/units.ts';
import { type Comparison, compare } from './stats/paired.ts';
import { median } from './stats/spread.ts';
import { GUARD } from './workloads/sizes.ts';

const ROOT = join(import.meta.dirname, '..');
/** Dearer by more than this is a regression. */
const LIMIT = 1.1;

const SAID: Readonly<Record<Comparison['verdict'], string>> = {
  well: '✓',
  unclear: '? above the limit, but within noise: run it again on a machine with nothing else to do',
  worse: '✗ dearer than the baseline',
};

interface Verdict {
  readonly cells: readonly string[];
  readonly isWorse: boolean;
}

/** Holds the tree against the baseline in one kind of work. */
function verdictOn({ workload, pair }: Heat, outcome: Outcome): Verdict {
  const costOf = (subject: string) => valuesOf(outcome, { workload: workload.name, subject, metric: 'cpu' });
  const [ours, theirs] = [costOf(pair.tree), costOf(pair.baseline)];
  if (ours.length !== GUARD.rounds || theirs.length !== GUARD.rounds) {
    return { cells: [workload.title, '', '', '', '', '✗ not measured'], isWorse: true };
  }
  const { ratio, low, high, verdict } = compare(ours, theirs, LIMIT);
  const costs = [theirs, ours].map((values) => told('cpu', median(values)));
  const range = `${digits(low)} to ${digits(high)}`;
  return {
    cells: [workload.title, ...costs, digits(ratio), range, SAID[verdict]],
    isWorse: verdict === 'worse',
  };
}

async function run(): Promise<boolean> {
  await using owner = new AsyncDisposableStack();
  const commit = readBaseline();
  const roots = { baseline: checkOut(commit, owner), tree: ROOT };
  const all = heats();
  const progress = new Progress();
  const workloads = all.map(({ workload }) => workload);
  const outcome = await runPlan({
    subjects: racers(roots),
    workloads,
    rounds: GUARD.rounds,
    onStep: progress.step,
  });
  progress.end();
  const verdicts = all.map((heat) => verdictOn(heat, outcome));
  const head = ['CPU per unit of work', commit.slice(0, 12), 'working tree', 'ratio', '95 % sure', ''];
  const table: Table = { head, rows: verdicts.map(({ cells }) => cells) };
  console.log(textTable(table));
  for (const { workload, subject, message } of outcome.faults)
    console.log(`Failed: ${workload}, ${subject}, ${message}`);
  const isWell = verdicts.every(({ isWorse }) => !isWorse) && outcome.faults.length === 0;
  console.log(
    `${isWell ? 'Not' : 'FAILED:'} dearer than the baseline by more than ${digits(LIMIT)} ×, median of ${GUARD.rounds} paired rounds`,
  );
  return isWell;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
