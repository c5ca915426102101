/** Before anything is changed: what the settings name is nothing that deploy/rollback took back. */
import type { Step } from '../lib/step.ts';
import { named, refuseTakenBack } from '../lib/taken-back.ts';

export const takenBack: Step = {
  id: 'taken-back',
  title: 'Nothing comes again that deploy/rollback took back',
  isAlways: true,
  cure: 'docs/rollback.md, "The next deployment"',
  async run(world) {
    refuseTakenBack(world, named(world));
    return undefined;
  },
};
