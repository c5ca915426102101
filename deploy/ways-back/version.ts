/**
 * Back to the version before. Pods: the revision of the Deployment that has the image that was there, by its digest, or that image where
 * the cluster has forgotten the revision; old pods drain. Machines: vm/rollback package, one after the other.
 */
import { inTier1, lookJson, TIER_1 } from '../checks/cluster.ts';
import { ExitCode } from '../lib/exit-codes.ts';
import { Fault } from '../lib/fault.ts';
import type { Step, World } from '../lib/step.ts';
import { type Thing, takeBack } from '../lib/taken-back.ts';
import { settled } from './goal.ts';
import { backOnMachines } from './machines.ts';
import type { Wanted } from './policy.ts';

const ROLL_OUT_MINUTES = 30;

export function versionSteps(world: World, { tiers, to }: Wanted): readonly Step[] {
  const tier2 = tiers.includes('2') ? backOnMachines(world, 'package', to) : [];
  return [...(tiers.includes('1') ? [image(to), rollOut] : []), ...tier2];
}

function image(to: string | undefined): Step {
  return {
    id: 'back:image',
    title: 'The Deployment of tier 1 has the image of before',
    cure: 'kubectl rollout history deployment/weir says what the cluster remembers',
    async isDone(world) {
      return !world.shell.isDry && (await imageNow(world)) === (await goalOf(world, to));
    },
    async run(world) {
      const goal = await goalOf(world, to);
      if (!world.shell.isDry) {
        const [left, put] = [imageIn(await imageNow(world)), imageIn(goal)];
        takeBack(world, { left, put, undone: ['image'] });
      }
      const revision = await revisionOf(world, goal);
      const args =
        revision === undefined
          ? ['set', 'image', 'deployment/weir', `weir=${goal}`]
          : ['rollout', 'undo', 'deployment/weir', `--to-revision=${revision}`];
      await world.shell.change(inTier1(world, args));
      return goal;
    },
  };
}

const rollOut: Step = {
  id: 'back:roll-out',
  title: 'The pods of tier 1 are ready with it',
  after: ['back:image'],
  cure: 'kubectl get pods, describe pod and logs say why; the pods before it serve on meanwhile',
  async run(world) {
    const args = ['rollout', 'status', 'deployment/weir', `--timeout=${ROLL_OUT_MINUTES}m`];
    await world.shell.change(inTier1(world, args, { timeoutMs: (ROLL_OUT_MINUTES + 1) * 60_000 }));
    const { state } = world;
    const digest = /sha256:[0-9a-f]{64}/.exec(await settled(world, 'image', async () => ''))?.[0];
    if (digest !== undefined) state.remember('image.digest', digest);
    state.remember('image.before', undefined);
    return undefined;
  },
};

/** By its digest; undefined where it goes by none. */
function imageIn(image: string): Thing | undefined {
  const sum = /sha256:[0-9a-f]{64}/.exec(image)?.[0];
  return sum === undefined ? undefined : { kind: 'image', sum };
}

async function imageNow(world: World): Promise<string> {
  const path = '--output=jsonpath={.spec.template.spec.containers[0].image}';
  return world.shell.look(inTier1(world, ['get', 'deployment', 'weir', path]));
}

/** @throws {Fault} where nobody remembers one */
function goalOf(world: World, to: string | undefined): Promise<string> {
  return settled(world, 'image', async () => {
    const { IMAGE } = world.settings.text;
    const found = to === undefined ? world.state.recall('image.before') : `${IMAGE}@${to}`;
    if (found !== undefined) return found;
    throw new Fault(
      'Nobody remembers an image of tier 1 before this one',
      'kubectl rollout history deployment/weir; then --tier 1 --to sha256:DIGEST; --tier 2 leaves tier 1 as it is',
      ExitCode.Escalate,
    );
  });
}

interface ReplicaSet {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}

/** The newest that has the image; undefined where the cluster has none any more. */
async function revisionOf(world: World, goal: string): Promise<string | undefined> {
  const get = inTier1(world, ['get', 'replicasets', `--selector=${TIER_1}`, '--output=json']);
  if (world.shell.isDry && (await world.shell.ask(get)).status !== 0) return undefined;
  const { items } = await lookJson<{ items: readonly ReplicaSet[] }>(world, get);
  const revisions = items
    .filter(({ spec }) => spec.template.spec.containers[0]?.image === goal)
    .map(({ metadata }) => Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0));
  const newest = Math.max(0, ...revisions);
  return newest === 0 ? undefined : String(newest);
}
