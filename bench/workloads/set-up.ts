/** Tunnels set up: CONNECT, 64 bytes there and back, close; 16 at a time. */
import type { Job } from '../load/job.ts';
import { SUBJECT_NAMES } from '../subjects/subject.ts';
import type { Sizes } from './sizes.ts';
import { jobWorkload, pathTo, type Turn, type Workload } from './workload.ts';

export const PARALLEL = 16;
const PROOF = 200;

/** `count` tunnels on the way of `turn`. */
export function tunnelsJob(turn: Turn, count: number): Job {
  return { kind: 'tunnels', ...pathTo('echo', turn), count, parallel: PARALLEL };
}

export function setUp({ tunnels, tunnelWarmUps }: Sizes): Workload {
  return jobWorkload({
    name: 'set-up',
    title: 'Tunnel set-up',
    unit: 'tunnel',
    story: `CONNECT, 64 bytes there and back, close; ${tunnels} tunnels, ${PARALLEL} at a time`,
    // All of them can be tunnelled through.
    subjects: SUBJECT_NAMES,
    warmUps: tunnelWarmUps,
    proof: (turn) => tunnelsJob(turn, PROOF),
    work: (turn) => ({ job: tunnelsJob(turn, tunnels), units: tunnels }),
  });
}
