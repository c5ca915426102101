/** A policy of tier 1 as a file that Weir can check; the ConfigMap gets it, and each pod is told to look. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTier1, TIER_1 } from '../checks/cluster.ts';
import { dataOf } from '../lib/policies.ts';
import { MAIN } from '../lib/policy-data.ts';
import type { World } from '../lib/step.ts';
import { policyOf, takeBack } from '../lib/taken-back.ts';
import { policyIfSeen } from '../steps/config-map.ts';
import { workFolder } from '../steps/tools.ts';

const ANNOTATION = 'weir/policy-put-back';

/** A copy of the policy and its lists beside what else it may name, which stays; without the tests of another one. @returns its path */
export function beside(world: World, file: string): string {
  const folder = workFolder(world, 'policy');
  rmSync(folder, { recursive: true, force: true });
  const isWanted = (path: string): boolean => !path.endsWith('.test.yaml');
  cpSync(world.settings.tier1, folder, { recursive: true, filter: isWanted });
  for (const [name, text] of Object.entries(dataOf(file))) writeFileSync(join(folder, name), text);
  return join(folder, MAIN);
}

/**
 * What it has is taken back; also where that cannot be seen. The lists come back with their policy; one that it did not have stays, and
 * nothing names it.
 */
export async function changePolicy(world: World, file: string): Promise<void> {
  const data = dataOf(file);
  if (!world.shell.isDry) {
    const now = await policyIfSeen(world);
    const left = now === undefined ? undefined : policyOf(now);
    takeBack(world, { left, put: policyOf(data), undone: ['objects'] });
  }
  const patch = join(workFolder(world, 'rollback'), 'policy.json');
  world.shell.write(patch, `${JSON.stringify({ data })}\n`);
  await world.shell.change(
    inTier1(world, ['patch', 'configmap', 'weir', '--type=merge', `--patch-file=${patch}`]),
  );
}

export async function tellPods(world: World, name: string): Promise<void> {
  const value = `${ANNOTATION}=${name}.${world.now().replaceAll(/[^0-9TZ]/g, '')}`;
  await world.shell.change(
    inTier1(world, ['annotate', 'pods', `--selector=${TIER_1}`, '--overwrite', value]),
  );
}
