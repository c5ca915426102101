/** Memory of tunnels that do nothing, in processes that have done little else, as ever more of them are open. */
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytesOf } from '../harness/proc.ts';
import type { Sample } from '../harness/reading.ts';
import { hold } from './hold.ts';
import { tunnelsJob } from './set-up.ts';
import type { Sizes } from './sizes.ts';
import type { Workload } from './workload.ts';

/** Enough that what a process needs for any tunnel at all is there. */
const FIRST_TUNNELS = 500;
/** Time in which a process can give back what it only needed to open them. */
const SETTLE_MS = 1000;

export function idle({ idleLevels }: Sizes): Workload {
  return {
    name: 'idle',
    title: 'Memory of idle tunnels',
    unit: 'tunnel',
    levelName: 'idle tunnels',
    story: `growth of resident memory by ${idleLevels.join(', ')} tunnels that have carried 64 bytes and stay open, divided by their number; in a fresh process after its first ${FIRST_TUNNELS} tunnels`,
    subjects: ['relay', 'weir', 'squid', 'tinyproxy', 'traffic-server'],
    lifetime: 'round',
    warmUp: async (turn) => void (await turn.stage.run(tunnelsJob(turn, FIRST_TUNNELS))),
    round: async (turn) => {
      await sleep(SETTLE_MS);
      const before = residentBytesOf(turn.way.pids);
      const samples: Sample[] = [];
      for (const level of idleLevels) {
        await hold(turn, level);
        await sleep(SETTLE_MS);
        const rss = residentBytesOf(turn.way.pids);
        samples.push({ level, readings: { rss, rssPerTunnel: (rss - before) / level } });
      }
      await hold(turn, 0);
      return samples;
    },
  };
}
