/**
 * Where a rollback goes, remembered before it begins: one that was broken off goes on to there, and not a step further back. What is
 * there in the middle of it is neither the old nor the new.
 */
import type { World } from '../lib/step.ts';
import { lastPutIn } from '../lib/taken-back.ts';

export const SEVERITIES = ['policy', 'version', 'squid'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Goal {
  readonly severity: Severity;
  /** What was asked for on the command line. */
  readonly asked: string;
}

/** All facts of a rollback that is under way begin so; they go when it has ended. */
const PREFIX = 'rollback.';
/** So do its steps. */
export const STEP = 'back:';
/** The fact that new traffic may be stopped: it goes once that is over, whichever rollback is begun or ends meanwhile. */
const STOPPING = 'stopping';

/** Begins, or goes on with what was broken off. Another goal than that of before begins anew. @returns whether it goes on */
export function begin({ state }: World, goal: Goal): boolean {
  const text = JSON.stringify(goal);
  const isSame = state.recall(`${PREFIX}goal`) === text;
  if (!isSame) {
    forgetAll(state, STOPPING);
    state.remember(`${PREFIX}goal`, text);
  }
  return isSame;
}

/** It has ended: the next one begins anew. */
export function end({ state, now }: World, severity: Severity): void {
  forgetAll(state, severity === 'squid' ? undefined : STOPPING);
  state.remember(wentBack(severity), now());
}

/** New traffic is about to be stopped, by one Service after the other. */
export async function stopping(world: World): Promise<void> {
  await settled(world, STOPPING, async () => world.now());
}

/** Whether it may be stopped, by a rollback that has not ended. */
export function isStopped({ state }: World): boolean {
  return state.recall(`${PREFIX}${STOPPING}`) !== undefined;
}

/** Something is about to be put in instead: a rollback that was begun is over, and the next one begins anew. */
export function abandon({ state }: World): void {
  forgetAll(state, STOPPING);
}

/** All Services lead to Weir again. */
export function goesOn({ state }: World): void {
  state.remember(`${PREFIX}${STOPPING}`, undefined);
}

const wentBack = (severity: Severity): string => `went-back.${severity}`;

/** Ways back that were gone since something was put in. */
export function triedSince({ state }: World): ReadonlySet<Severity> {
  const put = state.lastDone([...state.steps('objects'), ...state.steps('vm-install:')]);
  const isSince = (at: string): boolean => at > put && at > lastPutIn({ state });
  return new Set(SEVERITIES.filter((severity) => isSince(state.recall(wentBack(severity)) ?? '')));
}

function forgetAll(state: World['state'], but: typeof STOPPING | undefined): void {
  state.forget(state.steps(STEP));
  const names = state.facts(PREFIX).filter((name) => name !== `${PREFIX}${but}`);
  for (const name of names) state.remember(name, undefined);
}

/** What was found once and holds for the whole rollback, also where it is broken off: looked for where nobody remembers it. */
export async function settled({ state }: World, name: string, find: () => Promise<string>): Promise<string> {
  const known = state.recall(`${PREFIX}${name}`);
  if (known !== undefined) return known;
  const found = await find();
  state.remember(`${PREFIX}${name}`, found);
  return found;
}
