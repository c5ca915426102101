/** Latency of a set-up when tunnels arrive at a steady rate that leaves every proxy time: what a client sees, not what it costs. */
import { tunnelsJob } from './set-up.ts';
import type { Sizes } from './sizes.ts';
import { jobWorkload, pathTo, type Turn, type Workload } from './workload.ts';

const PER_SECOND = 200;
const PROOF = 20;

export function latency({ latencyTunnels, tunnels, warmUps }: Sizes): Workload {
  const job = (turn: Turn, count: number) => ({
    kind: 'rate' as const,
    ...pathTo('echo', turn),
    count,
    perSecond: PER_SECOND,
  });
  return jobWorkload({
    name: 'latency',
    title: `Tunnel set-up, ${PER_SECOND} per second`,
    unit: 'tunnel',
    story: `a tunnel every ${1000 / PER_SECOND} ms, ${latencyTunnels} in all, from connect to the last byte of the echo`,
    subjects: ['direct', 'relay', 'weir', 'weir-two-tier', 'squid', 'squid-two-tier'],
    warmUps,
    warmUpJob: (turn) => tunnelsJob(turn, tunnels),
    proof: (turn) => job(turn, PROOF),
    work: (turn) => ({ job: job(turn, latencyTunnels), units: latencyTunnels }),
  });
}
