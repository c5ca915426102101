/** How checks and ways back speak to the cluster: in the namespace of tier 1 or of the clients, and what it answers as JSON. */
import { Fault } from '../lib/fault.ts';
import type { Program } from '../lib/shell.ts';
import type { World } from '../lib/step.ts';
import { kubectl, type More, NAMESPACE } from '../steps/tools.ts';

/** Of the pods of tier 1, and of all else that it is made of. */
export const TIER_1 = 'app.kubernetes.io/name=weir,app.kubernetes.io/component=tier-1';

/** kubectl in the namespace of tier 1. */
export function inTier1(world: World, args: readonly string[], more: More = {}): Program {
  return kubectl(world, inside(NAMESPACE, args), more);
}

/** kubectl in the namespace of the clients. */
export function inClients(world: World, args: readonly string[], more: More = {}): Program {
  return kubectl(world, inside(world.settings.text.CLIENT_NAMESPACE ?? '', args), more);
}

/** Before what a pod is to run. */
function inside(namespace: string, args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  const at = end === -1 ? args.length : end;
  return [...args.slice(0, at), `--namespace=${namespace}`, ...args.slice(at)];
}

/** What it prints, as JSON. @throws {Fault} */
export async function lookJson<Value>(world: World, program: Program): Promise<Value> {
  const text = await world.shell.look(program);
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw new Fault(
      `${program.words.slice(0, 5).join(' ')} printed no JSON`,
      'see what it prints, and which kubectl this is',
    );
  }
}
