/** The pods of tier 1: what the cluster says of each, and what the Weir in it says of itself. */
import { Fault } from '../lib/fault.ts';
import type { World } from '../lib/step.ts';
import { NAMESPACE } from '../steps/tools.ts';
import { inTier1, lookJson, TIER_1 } from './cluster.ts';

/** What `weir health --json` prints. */
export interface Condition {
  readonly ready: boolean;
  readonly fault?: string;
  readonly policy?: string;
  readonly reloaded?: boolean;
  readonly tunnels?: number;
}

export interface Pod {
  readonly name: string;
  /** Digest of its image, as the node has it; empty where it has none yet. */
  readonly image: string;
  readonly isReady: boolean;
  /** Undefined where it could not be asked; then `silence` says why. */
  readonly condition: Condition | undefined;
  readonly silence: string;
}

interface PodObject {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly imageID?: string }[];
  };
}

/** As {@link podsLeft}. @throws {Fault} where there is none, too */
export async function readPods(world: World): Promise<readonly Pod[]> {
  const pods = await podsLeft(world);
  if (pods.length > 0) return pods;
  throw new Fault(
    'Tier 1 has no pods',
    `kubectl --namespace=${NAMESPACE} get deployment,events; deploy/deploy puts them there`,
  );
}

/** Those that are not about to go. @throws {Fault} where they cannot be seen */
export async function podsLeft(world: World): Promise<readonly Pod[]> {
  const list = await lookJson<{ items: readonly PodObject[] }>(
    world,
    inTier1(world, ['get', 'pods', `--selector=${TIER_1}`, '--output=json']),
  );
  const serving = list.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return Promise.all(serving.map((pod) => readPod(world, pod)));
}

async function readPod(world: World, { metadata, status }: PodObject): Promise<Pod> {
  const { name } = metadata;
  const { stdout, stderr } = await world.shell.ask(
    inTier1(world, ['exec', name, '--container=weir', '--', 'weir', 'health', '--json']),
  );
  const condition = conditionIn(stdout.toString());
  return {
    name,
    image: /sha256:[0-9a-f]{64}/.exec(status?.containerStatuses?.[0]?.imageID ?? '')?.[0] ?? '',
    isReady: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
    condition,
    silence: condition === undefined ? (stderr.trim().split('\n').at(-1) ?? '') : '',
  };
}

function conditionIn(text: string): Condition | undefined {
  try {
    const found = JSON.parse(text) as Condition | null;
    return typeof found?.ready === 'boolean' ? found : undefined;
  } catch {
    return undefined;
  }
}
