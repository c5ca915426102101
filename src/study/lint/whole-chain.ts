/**
 * Several configurations as a chain, in the order in which requests go through them: what each sends to the next, and peers that lead
 * back by more than one tier. Each pair is looked at by itself; that all of them are proven proves the chain.
 */
import type { Config } from '#config/config.ts';
import type { ChainOptions } from './chain.ts';
import { type Finding, findingOf } from './finding.ts';
import { NO_LOOP, type Studied, unlessOverBudget } from './lint.ts';
import { lintLoops } from './loops.ts';
import { isChain, lintTiers } from './tiers.ts';

/** A part of the chain, and what is found about it. */
export interface Stretch {
  /** One line. */
  readonly summary: string;
  readonly findings: readonly Finding[];
}

/** Every two neighbours, then the ways back that are longer. `undefined` stands for a file that does not load: about it nothing is said. */
export function lintChain(tiers: readonly (Studied | undefined)[], options: ChainOptions): Stretch[] {
  const pairs = tiers.slice(1).flatMap((second, at) => {
    const first = tiers[at];
    return first === undefined || second === undefined
      ? []
      : [lintPair(first, second, { ...options, ahead: at, tiers: tiers.length })];
  });
  return [...pairs, ...longLoops(tiers, options.nowMs)];
}

function lintPair(first: Studied, second: Studied, options: ChainOptions): Stretch {
  const names = namesOf([first.config, second.config]);
  const findings = lintTiers(first, second, options);
  const why = `not compared, no route of ${first.config.name} leads to a peer`;
  return { summary: `${names}: ${isChain(first.config) ? verdictOf(findings) : why}`, findings };
}

function verdictOf(findings: readonly Finding[]): string {
  if (findings.some(({ level }) => level === 'error'))
    return 'not all that the first sends is known to be allowed by the second';
  const isNarrowed = findings.some(({ code }) => code === 'narrowed-by-tier-2');
  const but = isNarrowed ? ', but for what rules with narrows: true are meant to refuse' : '';
  return `all that the first sends is allowed by the second${but}`;
}

function longLoops(tiers: readonly (Studied | undefined)[], nowMs: number): Stretch[] {
  return tiers.flatMap((first, start) =>
    tiers.slice(start + 2).flatMap((_, more) => {
      const rest = tiers.slice(start + 1, start + more + 3);
      const behind = rest.filter((tier) => tier !== undefined);
      if (first === undefined || behind.length < rest.length) return [];
      const findings = loopOf([first, ...behind], nowMs, start);
      if (findings.length === 0) return [];
      const names = namesOf([first, ...behind].map(({ config }) => config));
      return [{ summary: `${names}: not known to be free of loops`, findings }];
    }),
  );
}

function loopOf(way: readonly [Studied, ...Studied[]], nowMs: number, ahead: number): Finding[] {
  const [first, ...rest] = way;
  const { placeOf } = way.at(-1) as Studied;
  const configs = [first.config, ...rest.map(({ config }) => config)] as const;
  return unlessOverBudget(
    () => lintLoops(configs, nowMs, ahead).map((remark) => findingOf(remark, placeOf)),
    placeOf,
    NO_LOOP,
  );
}

function namesOf(tiers: readonly Config[]): string {
  return tiers.map(({ name }) => name).join(' to ');
}
