/**
 * Growth: what a list of domains costs as it gets longer, in processor time for each tunnel, in memory, and in the decision by
 * itself, which a micro-benchmark takes in a process of its own.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { metered } from '../harness/meter.ts';
import type { Sample } from '../harness/reading.ts';
import type { Timing } from '../micro/measure.ts';
import { tunnelsJob } from './set-up.ts';
import type { Sizes } from './sizes.ts';
import type { Workload } from './workload.ts';

const FILE = join(import.meta.dirname, '../micro/acl/decide.ts');
const NS = 1e-9;

export function domains({ domainLevels, tunnelsPerLevel, tunnels, warmUps }: Sizes): Workload {
  return {
    name: 'domains',
    title: 'Tunnel set-up under a long list of domains',
    unit: 'tunnel',
    levelName: 'domains',
    story: `${tunnelsPerLevel} tunnels set up, where the policy lists ${domainLevels.join(', ')} domains; memory right after`,
    subjects: ['weir', 'squid'],
    lifetime: 'workload',
    levels: domainLevels,
    warmUp: async (turn) => {
      for (let done = 0; done < warmUps; done += 1) await turn.stage.run(tunnelsJob(turn, tunnels));
    },
    round: async (turn) => {
      const work = { job: tunnelsJob(turn, tunnelsPerLevel), units: tunnelsPerLevel };
      return [{ readings: await metered(turn.stage, turn.way, work) }];
    },
  };
}

async function decisionSeconds(domains: number): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [FILE, '--json', `--domains=${domains}`]);
  const [decide] = JSON.parse(stdout) as readonly Timing[];
  if (decide === undefined) throw new Error('Cannot read what the micro-benchmark measured');
  return decide.median * NS;
}

export function decision({ domainLevels }: Sizes): Workload {
  return {
    name: 'decision',
    title: 'Decision of the policy alone',
    unit: 'decision',
    levelName: 'domains',
    story: `three rules over ${domainLevels.join(', ')} domains and 10,000 networks, in a process of its own (bench/micro/acl/decide.ts)`,
    subjects: ['weir'],
    warmUp: async () => {},
    round: async () => {
      const samples: Sample[] = [];
      for (const level of domainLevels) {
        samples.push({ level, readings: { decision: await decisionSeconds(level) } });
      }
      return samples;
    },
  };
}
