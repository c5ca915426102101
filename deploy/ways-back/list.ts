/** What there is to go back to: of tier 1 policies and images, of each machine of tier 2 what vm/rollback has kept. */
import { type Fault, faultOf } from '../lib/fault.ts';
import { dataOf, keptPolicies } from '../lib/policies.ts';
import { sumOfPolicy } from '../lib/policy-data.ts';
import type { Machine } from '../lib/settings.ts';
import type { World } from '../lib/step.ts';
import { beforeWeir } from './before-weir.ts';
import { keptOn } from './machines.ts';

/** Words of a line. */
type Row = readonly string[];

export interface Listed {
  /** Words with tabs between them, newest first: severity, where, what `--to` takes, its hash, when, who. */
  readonly lines: readonly string[];
  /** Machines that could not be asked. */
  readonly faults: readonly Fault[];
}

/** A machine that does not answer hides nothing of the others. */
export async function listed(world: World): Promise<Listed> {
  const { machines } = world.settings;
  const answers = await Promise.all(machines.map((machine) => rowsOf(world, machine)));
  const rows = answers.filter((answer): answer is readonly Row[] => Array.isArray(answer));
  const all = [...policies(world), ...image(world), ...rows.flat(), ...names(world)];
  return {
    lines: all.map((words) => words.map((word) => word || '-').join('\t')),
    faults: answers.filter((answer): answer is Fault => !Array.isArray(answer)),
  };
}

function policies({ state }: World): readonly Row[] {
  return keptPolicies(state).map(({ name, file, at, by }) => {
    return ['policy', 'tier-1', name, sumOfPolicy(dataOf(file)), at, by];
  });
}

function image({ state }: World): readonly Row[] {
  const [, digest] = /@(sha256:.*)$/.exec(state.recall('image.before') ?? '') ?? [];
  return digest === undefined ? [] : [['version', 'tier-1', digest, digest, '', '']];
}

async function rowsOf(world: World, machine: Machine): Promise<readonly Row[] | Fault> {
  try {
    const kept = await keptOn(world, machine);
    return kept.map(({ what, name, at, sum }) => {
      return [what === 'package' ? 'version' : 'policy', machine.name, name, sum, at, ''];
    });
  } catch (error) {
    return faultOf(error, `see on ${machine.name}`);
  }
}

function names(world: World): readonly Row[] {
  return world.settings.listeners.flatMap((listener) => {
    const before = beforeWeir(world, listener);
    return before === undefined ? [] : [['squid', listener.host, '', before, '', '']];
  });
}
