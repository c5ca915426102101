/** Growth: what one more tunnel costs while ever more of them are open. */
import { metered } from '../harness/meter.ts';
import type { Sample } from '../harness/reading.ts';
import { hold } from './hold.ts';
import { tunnelsJob } from './set-up.ts';
import type { Sizes } from './sizes.ts';
import type { Workload } from './workload.ts';

export function openTunnels({ openLevels, tunnelsPerLevel, tunnels, warmUps }: Sizes): Workload {
  return {
    name: 'open-tunnels',
    title: 'Tunnel set-up while others are open',
    unit: 'tunnel',
    levelName: 'open tunnels',
    story: `${tunnelsPerLevel} tunnels set up as above, while ${openLevels.join(', ')} others are open and idle; the same processes take all rounds, so that from the second on their memory is that of processes which have held ${Math.max(...openLevels)} before, also where few are open`,
    subjects: ['weir', 'squid'],
    lifetime: 'workload',
    warmUp: async (turn) => {
      for (let done = 0; done < warmUps; done += 1) await turn.stage.run(tunnelsJob(turn, tunnels));
    },
    round: async (turn) => {
      const samples: Sample[] = [];
      for (const level of openLevels) {
        await hold(turn, level);
        const work = { job: tunnelsJob(turn, tunnelsPerLevel), units: tunnelsPerLevel };
        samples.push({ level, readings: await metered(turn.stage, turn.way, work) });
      }
      await hold(turn, 0);
      return samples;
    },
  };
}
