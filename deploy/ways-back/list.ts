/** What there is to go back to: of tier 1 policies and images, of each machine of tier 2 what vm/rollback has kept. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { keptPolicies } from '../lib/policies.ts';
import type { World } from '../lib/step.ts';
import { beforeWeir } from './before-weir.ts';
import { keptOn } from './machines.ts';

/** Lines of words with tabs between them, newest first: severity, where, what `--to` takes, its hash, when, who. */
export async function listed(world: World): Promise<readonly string[]> {
  const { state, settings } = world;
  const policies = keptPolicies(state).map(({ name, file, at, by }) => {
    const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
    return ['policy', 'tier-1', name, sum, at, by];
  });
  const machines = await Promise.all(
    settings.machines.map(async (machine) => {
      const kept = await keptOn(world, machine);
      return kept.map(({ what, name, at, sum }) => [
        what === 'package' ? 'version' : 'policy',
        machine.name,
        name,
        sum,
        at,
        '',
      ]);
    }),
  );
  const image = state.recall('image.before');
  const [, digest] = /@(sha256:.*)$/.exec(image ?? '') ?? [];
  const names = settings.listeners.flatMap((listener) => {
    const before = beforeWeir(world, listener);
    return before === undefined ? [] : [['squid', listener.host, '', before, '', '']];
  });
  const all = [
    ...policies,
    ...(digest === undefined ? [] : [['version', 'tier-1', digest, digest, '', '']]),
    ...machines.flat(),
    ...names,
  ];
  return all.map((words) => words.map((word) => word || '-').join('\t'));
}
