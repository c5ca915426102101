/**
 * The load generator, a process of its own: takes one job at a time from the harness and answers with the time it took, or
 * with the first byte, status or connection that was not right.
 */
import process from 'node:process';
import type { Job, MixedJob, Result, Told } from './job.ts';
import { bulk } from './jobs/bulk.ts';
import { hold } from './jobs/hold.ts';
import { http } from './jobs/http.ts';
import { httpProof } from './jobs/http-proof.ts';
import { rate } from './jobs/rate.ts';
import { tunnels } from './jobs/tunnels.ts';

const WORK: { readonly [Kind in Job['kind']]: (job: Extract<Job, { kind: Kind }>) => Promise<Told> } = {
  tunnels,
  rate,
  bulk,
  hold,
  http,
  'http-proof': httpProof,
  mixed,
};

async function mixed({ jobs }: MixedJob): Promise<Told> {
  await Promise.all(jobs.map(carryOut));
  return {};
}

function carryOut(job: Job): Promise<Told> {
  return (WORK[job.kind] as (job: Job) => Promise<Told>)(job);
}

async function timed(job: Job): Promise<Result> {
  const start = performance.now();
  try {
    const told = await carryOut(job);
    return { seconds: (performance.now() - start) / 1000, ...told };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', async (job: Job) => {
  process.send?.(await timed(job));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
