/** Tunnels one after another in a fixed number of lanes: what a tunnel costs when there is always a next one. */
import type { Told, TunnelsJob } from '../job.ts';
import { Latencies } from '../latencies.ts';
import { pingBuffer, pingPong } from './ping-pong.ts';

export async function tunnels(job: TunnelsJob): Promise<Told> {
  const [opening, latencies] = [new Latencies(), new Latencies()];
  let left = job.count;
  const lane = async (): Promise<void> => {
    const buffer = pingBuffer();
    while (left > 0) {
      left -= 1;
      const { openMs, echoMs } = await pingPong(job, buffer);
      opening.record(openMs);
      latencies.record(echoMs);
    }
  };
  await Promise.all(Array.from({ length: job.parallel }, lane));
  return { latency: latencies.told(), opening: opening.told() };
}
