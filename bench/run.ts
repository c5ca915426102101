/**
 * `npm run bench`: what a tunnel through Weir costs, beside a connection without any proxy and beside the least that a proxy in
 * Node can be. Prints the command and the machine with the numbers, because numbers without them mean nothing.
 */
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { measure } from './harness/measure.ts';
import { printResults } from './harness/print.ts';
import { SUBJECTS } from './harness/subjects.ts';
import { WORKLOADS } from './harness/workloads.ts';

/** More than this much of the machine busy before the start makes numbers useless. */
const MAX_LOAD = 0.3;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    subjects: { type: 'string', default: SUBJECTS.map(({ name }) => name).join(',') },
    base: { type: 'string', default: 'relay' },
  },
});
const subjects = values.subjects.split(',').map((wanted) => {
  const subject = SUBJECTS.find(({ name }) => name === wanted);
  if (subject === undefined) throw new Error(`Cannot measure "${wanted}": not a subject`);
  return subject;
});

const load = (loadavg()[0] ?? 0) / availableParallelism();
console.log(`node ${['bench/run.ts', ...process.argv.slice(2)].join(' ')}`);
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, kernel ${release()}, Node ${process.versions.node}`,
);
console.log(`load before: ${(100 * load).toFixed(0)} % of the machine`);
if (load > MAX_LOAD) console.log('The machine is busy: these numbers are not worth quoting.');

const results = await measure({ subjects, workloads: WORKLOADS, rounds: Number(values.rounds) });
printResults(results, values.base);
