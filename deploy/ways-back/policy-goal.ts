/** Which of the kept policies of tier 1 is to come back: settled once for a rollback, however often that is broken off. */
import { ExitCode } from '../lib/exit-codes.ts';
import { Fault } from '../lib/fault.ts';
import { dataOf, keptPolicies, type Policy } from '../lib/policies.ts';
import { isAmong } from '../lib/policy-data.ts';
import type { World } from '../lib/step.ts';
import { policyInCluster } from '../steps/config-map.ts';
import { settled } from './goal.ts';

/** The policy that is to come back: the one that was asked for, or that before the one of now. @throws {Fault} where there is none */
export async function goalOf(world: World, to: string | undefined): Promise<Policy> {
  const kept = keptPolicies(world.state);
  const name = await settled(world, 'policy.goal', async () => {
    const found =
      to === undefined ? await before(world) : kept.find((policy) => isMeant(policy.name, to))?.name;
    if (found !== undefined) return found;
    throw nothing(to === undefined ? 'There is no policy before this one' : `There is no policy "${to}"`);
  });
  const goal = kept.find((policy) => policy.name === name);
  if (goal === undefined) throw nothing(`The policy ${name} is not kept any more`);
  return goal;
}

function nothing(what: string): Fault {
  const cure = 'deploy/rollback --list; else bring the one from your repository, and deploy/deploy';
  return new Fault(what, cure, ExitCode.Escalate);
}

/** By its whole name, its number, or the begin of its hash. */
const isMeant = (name: string, to: string): boolean => name === to || name.split('-').includes(to);

async function before(world: World): Promise<string | undefined> {
  const kept = keptPolicies(world.state);
  // Where nobody can tell, the newest that is kept would be taken for the one before.
  const now = (await policyInCluster(world)) ?? {};
  const at = kept.findIndex(({ file }) => isAmong(dataOf(file), now));
  return kept[at + 1]?.name;
}
