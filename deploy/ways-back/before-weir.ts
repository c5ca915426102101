/** Where names led before Weir, as the deployment remembers it. */
import { ExitCode } from '../lib/exit-codes.ts';
import { Fault } from '../lib/fault.ts';
import type { Listener } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { beforeOf, NOTHING } from '../steps/dns.ts';

/** Where `listener` led before Weir; undefined where it led nowhere. */
export function beforeWeir({ state }: World, listener: Listener): string | undefined {
  const before = state.recall(beforeOf(listener.name));
  return before === NOTHING ? undefined : before;
}

export const known: Step = {
  id: 'back:known',
  title: 'It is known where names led before',
  isAlways: true,
  cure: 'bring back the state file of the deployment',
  async run(world) {
    const { listeners, text } = world.settings;
    const found = listeners.map((listener) => `${listener.host} ${beforeWeir(world, listener) ?? NOTHING}`);
    const isKnown = listeners.some((listener) => beforeWeir(world, listener) !== undefined);
    if (isKnown || text.DNS === 'elsewhere') return found.join(', ');
    throw new Fault(
      'No name is known to have led to another proxy before',
      `deploy/deploy keeps that in ${world.state.file} when it moves a name: bring that file back, or move the names by hand`,
      ExitCode.Escalate,
    );
  },
};
