/** Memory of tunnels that do nothing, in processes that have done little else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytesOf } from '../harness/proc.ts';
import { hold } from './hold.ts';
import { tunnelsJob } from './set-up.ts';
import type { Sizes } from './sizes.ts';
import type { Workload } from './workload.ts';

/** Enough that what a process needs once, whatever it does, is there. */
const FIRST_TUNNELS = 500;
/** Time in which a process can give back what it only needed to open them. */
const SETTLE_MS = 2000;

export function idle({ idleTunnels }: Sizes): Workload {
  return {
    name: 'idle',
    title: 'Memory of idle tunnels',
    unit: 'tunnel',
    story: `growth of resident memory by ${idleTunnels} tunnels that have carried 64 bytes and stay open, in a fresh process after its first ${FIRST_TUNNELS} tunnels`,
    subjects: ['relay', 'weir', 'squid', 'tinyproxy', 'traffic-server'],
    lifetime: 'round',
    warmUp: async (turn) => void (await turn.stage.run(tunnelsJob(turn, FIRST_TUNNELS))),
    round: async (turn) => {
      await sleep(SETTLE_MS / 2);
      const before = residentBytesOf(turn.way.pids);
      await hold(turn, idleTunnels);
      await sleep(SETTLE_MS);
      const rss = residentBytesOf(turn.way.pids);
      await hold(turn, 0);
      return [{ readings: { rss, rssPerTunnel: (rss - before) / idleTunnels } }];
    },
  };
}
