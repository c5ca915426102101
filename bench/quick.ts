/**
 * `npm run bench:quick`: whether the working tree costs more processor time than the commit named in bench/baseline, in under three
 * minutes. Both run at the same time and take many short rounds in turn. Exit status 1 where a kind of work got more than a
 * tenth dearer beyond noise, where a measurement failed, and where there is no baseline. No part of `npm test`, because it
 * needs a machine with nothing else to do.
 */
import { join } from 'node:path';
import { parseNothing, runCommand } from '../scripts/lib/command.ts';
import { checkOut, readBaseline } from './guard/baseline.ts';
import { heats, racers } from './guard/race.ts';
import { LIMIT, RATIO_NOTE, verdictOn, verdictTable } from './guard/verdict.ts';
import { loadNow, MAX_LOAD } from './harness/machine.ts';
import { Progress } from './harness/progress.ts';
import { runPlan } from './harness/run-plan.ts';
import { textTable } from './report/text.ts';
import { GUARD } from './workloads/sizes.ts';

const ROOT = join(import.meta.dirname, '..');

const HELP = `npm run bench:quick

Compares the processor time of the working tree with that of the commit in bench/baseline, in about three minutes on a machine
with nothing else to do. Takes no options but --help.

Exit status 1 where a kind of work got dearer than ${LIMIT} × beyond noise, a measurement failed, or there is no baseline.`;

async function run(): Promise<boolean> {
  await using owner = new AsyncDisposableStack();
  const commit = readBaseline();
  const subjects = racers({ baseline: checkOut(commit, owner), tree: ROOT });
  if (loadNow() > MAX_LOAD) console.error('The machine is busy: what follows says little.');
  const all = heats();
  const progress = new Progress();
  const workloads = all.map(({ workload }) => workload);
  const { rounds } = GUARD;
  const outcome = await runPlan({ subjects, workloads, rounds, isMirrored: true, onStep: progress.step });
  progress.end();
  const verdicts = all.map((heat) => verdictOn(heat, outcome, rounds));
  console.log(textTable(verdictTable(commit, verdicts)));
  console.log(RATIO_NOTE);
  for (const { workload, subject, message } of outcome.faults) {
    console.log(`Failed: ${workload}, ${subject}, ${message}`);
  }
  const isPassed = outcome.faults.length === 0 && verdicts.every((verdict) => verdict.isPassed);
  console.log(`${isPassed ? 'Passed' : 'FAILED'}: limit ${LIMIT} ×, medians of ${rounds} paired rounds`);
  return isPassed;
}

await runCommand({ help: HELP, parse: parseNothing, run });
