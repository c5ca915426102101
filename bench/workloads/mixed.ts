/** Everything at once, as a proxy of a company sees it: tunnels that come and go, bytes both ways, plain HTTP. */
import type { MixedJob } from '../load/job.ts';
import { bulkJob } from './bulk.ts';
import { httpJob } from './http.ts';
import { tunnelsJob } from './set-up.ts';
import type { Sizes } from './sizes.ts';
import { jobWorkload, type Turn, type Workload } from './workload.ts';

/** One unit: so many of each. */
const MIX = { tunnels: 100, requests: 100, bytesDown: 20e6, bytesUp: 5e6 };
const TUNNELS_PER_MIX = 4;

function job(turn: Turn, mixes: number): MixedJob {
  return {
    kind: 'mixed',
    jobs: [
      tunnelsJob(turn, MIX.tunnels * mixes),
      httpJob(turn, { method: 'GET', bytes: 1000, amount: MIX.requests * mixes }),
      bulkJob(turn, { direction: 'down', tunnels: TUNNELS_PER_MIX }, MIX.bytesDown * mixes),
      bulkJob(turn, { direction: 'up', tunnels: TUNNELS_PER_MIX }, MIX.bytesUp * mixes),
    ],
  };
}

export function mixed({ tunnels }: Sizes): Workload {
  const mixes = tunnels / 200;
  return jobWorkload({
    name: 'mixed',
    title: 'All at once',
    unit: 'mix',
    story: `${mixes} times ${MIX.tunnels} tunnels set up, ${MIX.requests} GETs of 1 kB, ${MIX.bytesDown / 1e6} MB down and ${MIX.bytesUp / 1e6} MB up, all at the same time`,
    subjects: ['weir', 'weir-two-tier', 'squid', 'squid-two-tier'],
    warmUps: 1,
    proof: (turn) => job(turn, 1),
    work: (turn) => ({ job: job(turn, mixes), units: mixes }),
  });
}
