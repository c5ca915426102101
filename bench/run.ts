/**
 * `npm run bench`: what Weir costs beside Squid, other proxies, a bare relay and no proxy at all, held against what is promised.
 * Prints tables and stores them. Exit status 1 where a promise is broken, a measurement failed, or nothing was judged.
 */
import { join } from 'node:path';
import process from 'node:process';
import { commitOf, describeMachine, loadNow, MAX_LOAD } from './harness/machine.ts';
import { Progress } from './harness/progress.ts';
import { runPlan } from './harness/run-plan.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { isKept, judge } from './report/judge.ts';
import type { Results } from './report/results.ts';
import { storeResults } from './report/store.ts';
import { contractTable, generatorWarnings, workloadTable } from './report/tables.ts';
import { textTable } from './report/text.ts';

const ROOT = join(import.meta.dirname, '..');

async function measure(options: Options): Promise<Results> {
  const [machine, startedAt, startMs] = [describeMachine(), new Date(), performance.now()];
  const missing = options.subjects.flatMap(({ name, missing }): [string, string][] => {
    const why = missing?.();
    return why === undefined ? [] : [[name, why]];
  });
  const subjects = options.subjects.filter(({ name }) => !missing.some(([absent]) => absent === name));
  const progress = new Progress();
  const outcome = await runPlan({ ...options, subjects, onStep: progress.step });
  progress.end();
  return {
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--'] : []), ...process.argv.slice(2)].join(
      ' ',
    ),
    commit: commitOf(ROOT),
    startedAt: `${startedAt.toISOString().slice(0, 19)}Z`,
    minutes: (performance.now() - startMs) / 60_000,
    rounds: options.rounds,
    isQuick: options.isQuick,
    machine,
    workloads: options.workloads.map(({ name, title, unit, story }) => ({ name, title, unit, story })),
    subjects: subjects.map(({ name, title, story }) => ({ name, title, story })),
    missing: Object.fromEntries(missing),
    ...outcome,
  };
}

function print(results: Results): void {
  for (const workload of results.workloads) {
    console.log(`\n${workload.title}: ${workload.story}`);
    console.log(textTable(workloadTable(results, workload)));
  }
  console.log('\nWhat is promised, and what was measured');
  console.log(textTable(contractTable(judge(results))));
  for (const why of Object.values(results.missing)) console.log(`Left out: ${why}`);
  for (const { workload, subject, message } of results.faults)
    console.log(`Failed: ${workload}, ${subject}, ${message}`);
  for (const warning of generatorWarnings(results)) console.log(`Warning: ${warning}`);
}

async function run(options: Options): Promise<boolean> {
  if (loadNow() > MAX_LOAD) console.error('The machine is busy: these numbers will not be worth quoting.');
  const results = await measure(options);
  print(results);
  console.log(`\nStored in ${storeResults(results)}`);
  return isKept(judge(results)) && results.faults.length === 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else process.exitCode = (await run(options)) ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
