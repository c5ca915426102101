/**
 * Whose clients have come to Weir, and whether every other way out is closed to them: as the deployment remembers it, which `--move` may
 * have told another thing than the settings say. Where nothing is remembered it is what the settings say.
 */
import type { Listener } from '../lib/settings.ts';
import type { World } from '../lib/step.ts';
import { movedOf } from '../steps/dns.ts';
import { CLOSED, clients } from '../steps/production.ts';

export function hasMoved({ settings, state }: World, { name }: Listener): boolean {
  if (state.facts('').length === 0) return settings.move.includes(name);
  // A version before this one kept no fact of a name that is led by hand.
  return state.recall(movedOf(name)) !== undefined || state.step(`probe:${name}`) !== undefined;
}

/** Why a pod may have another way out than Weir; undefined where it may have none. */
export function mayGoAround(world: World): string | undefined {
  if (isClosed(world)) return undefined;
  const left = world.settings.listeners.filter((listener) => !hasMoved(world, listener));
  const names = left.map(({ name }) => name).join(', ');
  return left.length === 0 ? undefined : `clients of ${names} have not moved, and may have other ways out`;
}

/** Once it was closed it stays so, also where another listener joins. */
export function isClosed({ state }: World): boolean {
  return state.recall(CLOSED) !== undefined || state.step(clients.id) !== undefined;
}
