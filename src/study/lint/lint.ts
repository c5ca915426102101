/** What is doubtful in one configuration that loads. */
import type { Config } from '#config/config.ts';
import type { Places } from '#config/places.ts';
import { OverBudget } from '../space/regions.ts';
import { lintClients } from './clients.ts';
import { lintEntries } from './entries.ts';
import { type Finding, findingOf, type Remark } from './finding.ts';
import { lintHost } from './host.ts';
import { lintLoops } from './loops.ts';
import { lintPolicy } from './policy.ts';
import { lintSuffixes } from './suffixes.ts';

/** A configuration, and where in its file things stand. */
export interface Studied {
  readonly config: Config;
  readonly placeOf: Places;
}

/**
 * Findings of one configuration, in the order of its file.
 * @param nowMs in milliseconds since the epoch; time is looked at from there on (space/moments.ts)
 */
export function lint({ config, placeOf }: Studied, nowMs: number): Finding[] {
  const place = (remark: Remark): Finding => findingOf(remark, placeOf);
  const findings = [
    ...unlessOverBudget(() => lintPolicy(config, nowMs).map(place), placeOf),
    ...unlessOverBudget(() => lintLoops([config], nowMs).map(place), placeOf, NO_LOOP),
    ...lintEntries(config.policy.acls).map(place),
    ...lintSuffixes(config.policy).map(place),
    ...lintClients(config).map(place),
    ...lintHost(config, nowMs).map(place),
  ];
  return findings.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** What is proven where no loop is found, as {@link unlessOverBudget} says it. */
export const NO_LOOP = 'that no peer leads back';

/** What a study finds, or that it is too much work. Each study by itself: one that is given up takes nothing from another. */
export function unlessOverBudget(
  study: () => Finding[],
  placeOf: Places,
  claim = 'anything about the rules',
): Finding[] {
  try {
    return study();
  } catch (error) {
    if (!(error instanceof OverBudget)) throw error;
    const message = `Cannot prove ${claim}: ${error.message}`;
    const fix = 'Let rules share ACLs, or divide the policy by listeners into files of their own';
    return [findingOf({ code: 'cannot-prove', path: ['access'], message, fix }, placeOf)];
  }
}
