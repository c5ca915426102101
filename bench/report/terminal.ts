/** A run as text for a terminal: a table for each workload, the promises, and what went wrong. */
import { judge } from './judge.ts';
import type { Results } from './results.ts';
import { contractTable, generatorWarnings, workloadTable } from './tables.ts';
import { textTable } from './text.ts';

/** Everything that was measured, and what is to be said of it. */
export function renderTerminal(results: Results): string {
  const judged = judge(results);
  return [
    ...results.workloads.flatMap((workload) => [
      `\n${workload.title}: ${workload.story}`,
      textTable(workloadTable(results, workload)),
    ]),
    ...(judged.length === 0
      ? []
      : ['\nWhat is promised, and what was measured', textTable(contractTable(judged))]),
    ...Object.values(results.missing).map((why) => `Left out: ${why}`),
    ...results.faults.map(({ workload, subject, message }) => `Failed: ${workload}, ${subject}, ${message}`),
    ...generatorWarnings(results).map((warning) => `Warning: ${warning}`),
  ].join('\n');
}
