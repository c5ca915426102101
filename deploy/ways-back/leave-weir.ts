/** Weir is out, and what the deployment remembers with it: to put it in again is to do all of it again, and somebody has to mean it. */
import type { World } from '../lib/step.ts';
import { takeBack, WEIR } from '../lib/taken-back.ts';
import { CLOSED } from '../steps/production.ts';

export function leaveWeir(world: World, isFine: boolean): void {
  const { state } = world;
  takeBack(world, { left: WEIR, put: undefined, undone: state.steps('') });
  // The canary sleeps, and a proxy outside of the cluster may need another way out.
  if (isFine) state.remember(CLOSED, undefined);
}
