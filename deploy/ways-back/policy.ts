/**
 * Back to one of the last ten policies. Tier 2 first: it takes one up within a second, and is what everything has to pass. Tier 1 takes it
 * up as fast once its file has changed; until then the kubelet takes its time, which a changed annotation of each pod shortens
 * (kubernetes/website#18082), and which is measured. Nothing is restarted, and no tunnel is cut but by the rules themselves.
 */
import { join } from 'node:path';
import { type Pod, readPods } from '../checks/pods.ts';
import { Fault } from '../lib/fault.ts';
import { ROOT } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { missingFolder } from '../steps/needed-files.ts';
import { settled } from './goal.ts';
import { backOnMachines } from './machines.ts';
import { beside, changePolicy, tellPods } from './policy-file.ts';
import { goalOf } from './policy-goal.ts';

const BETWEEN_MS = 500;
/** Where the annotation does nothing: twice what the kubelet takes by itself. */
const PATIENCE_MS = 180_000;

export interface Wanted {
  /** Tiers that go back. */
  readonly tiers: readonly ('1' | '2')[];
  /** A name of the list; undefined for the one before. */
  readonly to: string | undefined;
}

export function policySteps(world: World, { tiers, to }: Wanted): readonly Step[] {
  const tier2 = tiers.includes('2') ? backOnMachines(world, 'configuration', to) : [];
  // What would keep tier 1 from it is known before tier 2 is at another one.
  return tiers.includes('1') ? [check(to), ...tier2, putBack(to), takenUp] : tier2;
}

function check(to: string | undefined): Step {
  return {
    id: 'back:policy-check',
    title: 'Weir takes the policy that is to come back',
    isAlways: true,
    cure: 'deploy/rollback --list has others, for --to',
    lacks: ({ settings }) => missingFolder(settings),
    async run(world) {
      const { name, file } = await goalOf(world, to);
      if (world.shell.isDry) return `${name}; whether Weir takes it is seen in the run itself`;
      const words = [join(ROOT, 'bin/weir'), 'check', '--without-secrets', beside(world, file)] as const;
      await world.shell.look({ words, cure: 'deploy/rollback --list has others, for --to' });
      return name;
    },
  };
}

function putBack(to: string | undefined): Step {
  return {
    id: 'back:policy-file',
    title: 'The policy is in the ConfigMap, and each pod is told to look',
    cure: 'see that you may patch configmaps and pods in intra-proxy',
    async run(world) {
      const { name, file } = await goalOf(world, to);
      const pods = world.shell.isDry ? [] : await readPods(world);
      await settled(world, 'policy.in-force', async () => JSON.stringify(policiesOf(pods)));
      await settled(world, 'policy.began', async () => world.now());
      await changePolicy(world, file);
      await tellPods(world, name);
      return name;
    },
  };
}

const takenUp: Step = {
  id: 'back:policy-in-force',
  title: 'Each pod serves by it',
  after: ['back:policy-file'],
  cure: 'kubectl logs of the pod says why it is not taken; kubectl rollout restart deployment/weir has new pods begin with it',
  async run(world) {
    if (world.shell.isDry) return undefined;
    const before = JSON.parse(await settled(world, 'policy.in-force', async () => '{}')) as Readonly<
      Record<string, string>
    >;
    const began = await settled(world, 'policy.began', async () => world.now());
    for (let waited = 0; waited <= PATIENCE_MS; waited += BETWEEN_MS) {
      if (waited > 0) await world.pause(BETWEEN_MS);
      const pods = await readPods(world);
      if (!isTaken(pods, before)) continue;
      const seconds = (Date.parse(world.now()) - Date.parse(began)) / 1000;
      return `${pods.length} pods, ${seconds.toFixed(1)} s after the change of the ConfigMap: all but a second of it is the kubelet's`;
    }
    const pods = await readPods(world);
    const late = pods
      .filter((pod) => !isTaken([pod], before))
      .map(({ name, condition }) => `${name} ${condition?.policy ?? ''}`);
    throw new Fault(
      `Not all pods serve by it after ${PATIENCE_MS / 1000} s: ${late.join(', ') || 'they differ'}`,
      takenUp.cure,
    );
  },
};

/** All by the same policy, none by the one that it had, and what lies there is what is in force. A pod that is new began with it. */
function isTaken(pods: readonly Pod[], before: Readonly<Record<string, string>>): boolean {
  const policies = new Set(pods.map(({ condition }) => condition?.policy));
  const isNew = ({ name, condition }: Pod): boolean =>
    condition?.policy !== undefined && condition.reloaded === true && condition.policy !== before[name];
  return policies.size === 1 && pods.every(isNew);
}

function policiesOf(pods: readonly Pod[]): Readonly<Record<string, string>> {
  return Object.fromEntries(pods.map(({ name, condition }) => [name, condition?.policy ?? '']));
}
