/**
 * Goes through steps in their order, once all is there that they build upon: what is done and goes by the same things is left alone, the
 * rest is run and remembered, and the first ✗ ends it, with what to do. Broken off anywhere and started again it goes on where it was.
 */
import { createHash } from 'node:crypto';
import { ExitCode } from './exit-codes.ts';
import { type Fault, faultOf } from './fault.ts';
import { refuseLacking } from './lacks.ts';
import type { Step, World } from './step.ts';

export interface Range {
  /** Do this step and all behind it anew. */
  readonly from?: string | undefined;
  /** Do these, and no other, anew. */
  readonly only?: readonly string[] | undefined;
  /** End behind this one. */
  readonly until?: string | undefined;
}

/** Runs `steps`. @returns what the program ends with */
export async function runSteps(steps: readonly Step[], world: World, range: Range = {}): Promise<number> {
  const chosen = choose(steps, range);
  const refused = refuseLacking(chosen, world);
  if (refused !== undefined) return refused;
  if (isAnew(range)) world.state.forget(chosen.map(({ id }) => id));
  return goThrough(chosen, steps, world);
}

/** @returns what the program ends with */
async function goThrough(chosen: readonly Step[], steps: readonly Step[], world: World): Promise<number> {
  const returns = new Map<string, number>();
  let exitCode: number = ExitCode.Done;
  for (let at = 0; at < chosen.length; ) {
    const step = chosen[at] as Step;
    const fault = await perform(step, steps, world);
    if (fault !== undefined) {
      world.report.wrong(step, fault);
      exitCode = fault.exitCode;
    }
    const next = fault === undefined || goesOn(fault, world) ? at + 1 : wayBack(step, chosen, returns);
    if (next === undefined) return exitCode;
    if (next <= at) goBack(String(chosen[next]?.id), steps, world);
    at = next;
  }
  return world.shell.isDry ? exitCode : ExitCode.Done;
}

/**
 * A dry run goes on behind a ✗: it shows all that there is to do, and all that is in the way. Not where a person has to decide: what would
 * come then nobody knows, and none of it is to be pasted.
 */
function goesOn({ exitCode }: Fault, { shell }: World): boolean {
  return shell.isDry && exitCode !== ExitCode.Escalate;
}

function goBack(to: string, all: readonly Step[], world: World): void {
  world.report.note(`Back to ${to}`);
  world.state.forget([to, ...dependentsOf(to, all)]);
}

const isAnew = ({ from, only }: Range): boolean => from !== undefined || only !== undefined;

function choose(steps: readonly Step[], { from, only, until }: Range): readonly Step[] {
  if (only !== undefined) return steps.filter(({ id }) => only.includes(id));
  const start = from === undefined ? 0 : steps.findIndex(({ id }) => id === from);
  const end = until === undefined ? steps.length : steps.findIndex(({ id }) => id === until) + 1;
  return steps.slice(start, end);
}

/** @returns undefined where it is done, now or before */
async function perform(step: Step, all: readonly Step[], world: World): Promise<Fault | undefined> {
  const { id, title } = step;
  const { state, report, shell } = world;
  try {
    const stamp = stampOf(step, all, world);
    const before = state.step(id);
    const isKnown = before?.stamp === stamp;
    if (isKnown && !step.isAlways && !step.isStale?.(world)) {
      report.step({ id, title, result: 'skipped', detail: `done ${before.at}` });
      return undefined;
    }
    const isThere = (await step.isDone?.(world)) ?? false;
    // What only looks changes nothing that others build upon; who goes by what is made anew sees that by himself.
    if (!isThere && !step.isAlways && !isKnown) state.forget(dependentsOf(id, all));
    if (step.patience !== undefined && !isThere && !shell.isDry)
      report.note(`${id} may take ${step.patience}`);
    const detail = isThere ? 'is so already' : await step.run(world);
    if (!step.isAlways) state.finish(id, { at: world.now(), stamp });
    report.step({ id, title, result: shell.isDry && !isThere && !step.isAlways ? 'would' : 'done', detail });
    return undefined;
  } catch (error) {
    return faultOf(error, step.cure);
  }
}

/** Ids of those that are not done, or go by something else by now; those that only look are never among them. */
export function leftOf(steps: readonly Step[], world: World): readonly string[] {
  return steps.filter((step) => !step.isAlways && !isDone(step, steps, world)).map(({ id }) => id);
}

/** Not where what it goes by cannot be read: a run that ended before it needs none of that. */
function isDone(step: Step, all: readonly Step[], world: World): boolean {
  try {
    return world.state.step(step.id)?.stamp === stampOf(step, all, world);
  } catch {
    return false;
  }
}

/** What a step goes by, and all that it builds upon. */
function stampOf(step: Step, all: readonly Step[], world: World): string {
  const known = new Map<string, string>();
  const stamp = (one: Step): string => {
    const below = all
      .filter(({ id }) => one.after?.includes(id))
      .map((each) => known.get(each.id) ?? stamp(each));
    const text = JSON.stringify([one.id, one.inputs?.(world) ?? null, below]);
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    known.set(one.id, hash);
    return hash;
  };
  return stamp(step);
}

/** All that build upon `id`, also through others. */
function dependentsOf(id: string, all: readonly Step[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const step of all) {
    if (step.after?.some((one) => one === id || found.has(one))) found.add(step.id);
  }
  return found;
}

/** Where a step that failed sends us, if it still may. */
function wayBack(
  { id, back }: Step,
  chosen: readonly Step[],
  returns: Map<string, number>,
): number | undefined {
  const used = returns.get(id) ?? 0;
  if (back === undefined || used >= back.times) return undefined;
  returns.set(id, used + 1);
  const at = chosen.findIndex((step) => step.id === back.to);
  return at === -1 ? undefined : at;
}
