/**
 * What deploy/rollback took back, by what is in it. Settings and files may name it still: no deployment puts it in again before somebody
 * has said so, and none takes for done what is not there any more.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere } from './attempt.ts';
import { ExitCode } from './exit-codes.ts';
import { Fault } from './fault.ts';
import { MAIN, type PolicyData, sumOfPolicy } from './policy-data.ts';
import type { World } from './step.ts';
import { policyOfFolder } from './tier-1-files.ts';

/** `policy` is tier 1's, `configuration` tier 2's, `weir` all of it, for the proxy of before. */
export type Kind = 'image' | 'policy' | 'package' | 'configuration' | 'weir';

export interface Thing {
  readonly kind: Kind;
  /** A digest, or the SHA-256 of what is in it. */
  readonly sum: string;
}

/** A thing that is to be put in. */
interface Named extends Thing {
  /** As a person would look for it. */
  readonly what: string;
}

export const WEIR: Thing = { kind: 'weir', sum: 'all' };

const PREFIX = 'taken-back.';
const factOf = ({ kind, sum }: Thing): string => `${PREFIX}${kind}.${sum}`;
/** When something was put in at last that is to be put in anew. */
const PUT_IN = 'put-in';

export const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A policy of tier 1, with the lists beside it. */
export const policyOf = (data: PolicyData): Thing => ({ kind: 'policy', sum: sumOfPolicy(data) });

export interface Exchange {
  /** Undefined where nobody knows it. */
  readonly left: Thing | undefined;
  readonly put: Thing | undefined;
  /** Steps of the deployment that are not done any more. */
  readonly undone: readonly string[];
}

/** Called before the change: who is broken off in it has said so. */
export function takeBack({ state, now }: World, { left, put, undone }: Exchange): void {
  const isOther = left !== undefined && left.sum !== put?.sum;
  if (isOther) state.rememberFirst(factOf(left), now());
  if (put !== undefined) state.remember(factOf(put), undefined);
  const at = state.lastDone(undone);
  if (at > lastPutIn({ state })) state.remember(PUT_IN, at);
  state.forget(undone);
}

/** ISO 8601, of what was taken back since; empty where there is none. */
export function lastPutIn({ state }: Pick<World, 'state'>): string {
  return state.recall(PUT_IN) ?? '';
}

/** @throws {Fault} where one of `things` was taken back, and nobody means it to come again */
export function refuseTakenBack(world: World, things: readonly Named[]): void {
  const again = things.filter((thing) => isTakenBack(world, thing));
  if (again.length === 0 || world.isAgain) return;
  const { file } = world.settings;
  throw new Fault(
    `deploy/rollback took back ${again.map((thing) => told(world, thing)).join('; ')}`,
    `have ${file} and the files that it names say what is to be there instead (deploy/rollback --list); where it is meant to come again: deploy/deploy --settings ${file} --again`,
    ExitCode.Escalate,
  );
}

/** Called once `things` are in: who is broken off before that has to mean it again. */
export function areIn(world: World, things: readonly Named[]): void {
  for (const thing of things.filter((each) => isTakenBack(world, each))) {
    world.report.note(`Comes again: ${told(world, thing)}`);
    world.state.remember(factOf(thing), undefined);
  }
}

export function isTakenBack({ state }: World, thing: Thing): boolean {
  return state.recall(factOf(thing)) !== undefined;
}

const told = ({ state }: World, thing: Named): string => `${thing.what}, ${state.recall(factOf(thing))}`;

export const imageNamed = (digest: string): Named => ({
  kind: 'image',
  sum: digest,
  what: `the image ${digest}`,
});

/** What the settings say is to be put in, as far as they say it themselves: of `kinds`, or of all where none is given. */
export function named(world: World, ...kinds: readonly Kind[]): readonly Named[] {
  return allNamed(world).filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
}

function allNamed({ settings }: World): readonly Named[] {
  const { IMAGE_DIGEST = '', PACKAGE_SHA256 = '' } = settings.text;
  const [tier1, tier2] = [settings.tier1, settings.tier2].map((folder) => join(folder, MAIN));
  return [
    { ...WEIR, what: 'Weir itself, for the proxy of before' },
    ...(IMAGE_DIGEST === '' ? [] : [imageNamed(IMAGE_DIGEST)]),
    { kind: 'package', sum: PACKAGE_SHA256, what: `the package ${settings.package}` },
    { ...policyOf(policyOfFolder(settings.tier1)), what: `the policy ${tier1}` },
    { kind: 'configuration', sum: sumOf(readIfThere(tier2 ?? '') ?? ''), what: `the policy ${tier2}` },
  ];
}
