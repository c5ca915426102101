/** The ConfigMap of tier 1 gets another policy, and each of its pods is told to look. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTier1, TIER_1 } from '../checks/cluster.ts';
import type { World } from '../lib/step.ts';
import { policyOf, takeBack } from '../lib/taken-back.ts';
import { workFolder } from '../steps/tools.ts';

const ANNOTATION = 'weir/policy-put-back';

/** What the ConfigMap has; undefined where it cannot be seen. */
async function policyNow(world: World): Promise<string | undefined> {
  const get = ['get', 'configmap', 'weir', '--ignore-not-found', '--output=jsonpath={.data.weir\\.yaml}'];
  const { status, stdout } = await world.shell.ask(inTier1(world, get));
  return status === 0 ? stdout.toString() : undefined;
}

/** What it has is taken back; also where that cannot be seen. `file` is empty in a dry run that has none. */
export async function changePolicy(world: World, file: string): Promise<void> {
  const text = file === '' ? '' : readFileSync(file, 'utf8');
  if (!world.shell.isDry) {
    const now = await policyNow(world);
    const left = now === undefined ? undefined : policyOf(now);
    takeBack(world, { left, put: policyOf(text), undone: ['objects'] });
  }
  const patch = join(workFolder(world, 'rollback'), 'policy.json');
  world.shell.write(patch, `${JSON.stringify({ data: { 'weir.yaml': text } })}\n`);
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
