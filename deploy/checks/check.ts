/**
 * What verifying is made of: checks that look, each by itself, so that one that is ✗ hides none behind it. A check that could not look is
 * ✗ as well: nothing passes that was not seen.
 */
import { type Fault, faultOf } from '../lib/fault.ts';
import type { World } from '../lib/step.ts';
import { ACCESS, faultOfAccess, type Side } from './access.ts';
import type { Diagnoses } from './diagnoses.ts';
import type { Pod } from './pods.ts';

/** What several checks look at, looked at once. */
export interface Scene {
  readonly world: World;
  /** The pods of tier 1. @throws {Fault} where they cannot be seen, or there is none */
  readonly pods: () => Promise<readonly Pod[]>;
  /** What `weir doctor` says in a pod of a client. */
  readonly diagnoses: Diagnoses;
}

export interface Check {
  readonly id: string;
  /** What is so where it holds. */
  readonly title: string;
  /** Whom it asks; it is not looked at where that does not answer. @default the cluster */
  readonly side?: Side;
  /** Why nothing is to be seen here; undefined where it is looked at. Said, and no fault. */
  readonly unasked?: (world: World) => string | undefined;
  /** @returns what was seen, or undefined where a dry run looks at nothing @throws {Fault} where it does not hold or cannot be seen */
  readonly run: (scene: Scene) => Promise<string | undefined>;
  /** What to do where it is ✗, and the fault itself does not know. */
  readonly cure: string;
}

/** A check that is ✗. */
export interface Wrong {
  readonly id: string;
  readonly fault: Fault;
}

export interface Outcome {
  readonly wrong: readonly Wrong[];
  /** Ids of those that were not looked at. */
  readonly unasked: readonly string[];
}

/**
 * Runs all of them, and says each. In a dry run what does not hold is told, and is no fault. Where nobody may ask the cluster or the cloud
 * that alone is ✗, as of what was not seen it is not known whether it holds.
 */
export async function runChecks(checks: readonly Check[], scene: Scene): Promise<Outcome> {
  const { world } = scene;
  const wrong: Wrong[] = [];
  const unasked: string[] = [];
  const closed = { cluster: once(() => isClosed('cluster')), cloud: once(() => isClosed('cloud')) };
  for (const check of checks) {
    const { id, title, side = 'cluster' } = check;
    const why = check.unasked?.(world) ?? (await closed[side]());
    if (why === undefined) wrong.push(...(await look(check, scene)));
    else {
      world.report.step({ id, title, result: 'skipped', detail: `not looked at: ${why}` });
      unasked.push(id);
    }
  }
  return { wrong, unasked };

  async function isClosed(side: Side): Promise<string | undefined> {
    const fault = await faultOfAccess(world, side);
    if (fault === undefined) return undefined;
    wrong.push(...cross(world, ACCESS[side], fault));
    return `the ${side} cannot be asked`;
  }
}

async function look(check: Check, scene: Scene): Promise<readonly Wrong[]> {
  const { id, title } = check;
  try {
    const detail = await check.run(scene);
    scene.world.report.step({ id, title, result: detail === undefined ? 'would' : 'done', detail });
    return [];
  } catch (error) {
    return cross(scene.world, check, faultOf(error, check.cure));
  }
}

function cross(
  { report, shell }: World,
  { id, title }: Pick<Check, 'id' | 'title'>,
  fault: Fault,
): readonly Wrong[] {
  if (!shell.isDry) {
    report.wrong({ id, title }, fault);
    return [{ id, fault }];
  }
  report.step({ id, title, result: 'would', detail: `not so now: ${fault.message}` });
  return [];
}

/** What the last line says of those that were not looked at; empty where all were. */
export function leftOut(ids: readonly string[]): string {
  return ids.length === 0 ? '' : `; not looked at: ${ids.join(', ')}`;
}

/** The same promise each time. */
export function once<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let looked: Promise<Value> | undefined;
  return () => {
    looked ??= look();
    return looked;
  };
}
