/** Tunnels set up: CONNECT, 64 bytes there and back, close; 16 at a time. In short turns: it is the work that a drifting machine tells on most. */
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

export function setUp({ tunnels, tunnelLaps: laps, tunnelWarmUps }: Sizes): Workload {
  const each = tunnels / laps;
  return jobWorkload({
    name: 'set-up',
    title: 'Tunnel set-up',
    unit: 'tunnel',
    story: `CONNECT, 64 bytes there and back, close; ${each} tunnels, ${PARALLEL} at a time${laps === 1 ? '' : `, ${laps} times in each round`}`,
    laps,
    // All of them can be tunnelled through.
    subjects: SUBJECT_NAMES,
    warmUps: tunnelWarmUps,
    warmUpJob: (turn) => tunnelsJob(turn, tunnels),
    proof: (turn) => tunnelsJob(turn, PROOF),
    work: (turn) => ({ job: tunnelsJob(turn, each), units: each }),
  });
}
