/** Charges a job to whom it cost: processor time of the proxy, of the generator and of the origin, from before to after. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../load/job.ts';
import type { Way } from '../subjects/subject.ts';
import { cpuSecondsOf, residentBytesOf } from './proc.ts';
import type { Readings } from './reading.ts';
import type { Stage } from './stage.ts';

/** After the client has seen the end the proxy still closes, records and writes its log; that work counts too. */
const SETTLE_MS = 200;

/** Runs `job`, which is `units` units of work, on `way`. */
export async function metered(stage: Stage, way: Way, { job, units }: Work): Promise<Readings> {
  const busy = (): number[] =>
    [way.pids, [stage.generatorPid], [stage.originPid]].map((pids) => cpuSecondsOf(pids));
  const before = busy();
  const { seconds, latency } = await stage.run(job);
  await sleep(SETTLE_MS);
  const [proxy = 0, generator = 0, origin = 0] = busy().map((now, index) => now - (before[index] ?? 0));
  return {
    ...(way.pids.length === 0 ? {} : { cpu: proxy / units, rss: residentBytesOf(way.pids) }),
    throughput: units / seconds,
    ...latency,
    generatorShare: generator / seconds,
    originShare: origin / seconds,
  };
}

export interface Work {
  readonly job: Job;
  readonly units: number;
}
