/**
 * `npm run bench`: what Weir costs beside Squid, other proxies, a bare relay and no proxy at all, held against what is promised.
 * Prints tables and stores them. Exit status 1 where a promise is missed or was not measured, a measurement failed, or nothing was
 * judged; the last line says which.
 */
import { join } from 'node:path';
import process from 'node:process';
import { runCommand } from '../scripts/lib/command.ts';
import { commitOf, describeMachine, loadNow, MAX_LOAD } from './harness/machine.ts';
import { Progress } from './harness/progress.ts';
import { runPlan } from './harness/run-plan.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import type { Results } from './report/results.ts';
import { storeResults } from './report/store.ts';
import { renderTerminal } from './report/terminal.ts';
import { closingLine, failuresOf } from './report/verdict.ts';

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
    workloads: options.workloads.map(({ name, title, unit, story, levelName, laps }) => ({
      ...{ name, title, unit, story, levelName, laps },
    })),
    subjects: subjects.map(({ name, title, story }) => ({ name, title, story })),
    missing: Object.fromEntries(missing),
    ...outcome,
  };
}

async function run(options: Options): Promise<boolean> {
  if (loadNow() > MAX_LOAD) console.error('The machine is busy: these numbers will not be worth quoting.');
  const results = await measure(options);
  console.log(renderTerminal(results));
  console.log(`\nStored in ${storeResults(results)}`);
  console.log(closingLine(results));
  return failuresOf(results).length === 0;
}

await runCommand({ help: HELP, parse: parseOptions, run });
