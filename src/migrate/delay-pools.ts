/**
 * `delay_pools` as limits: a pool holds back what its `delay_access` takes, and a limit what a rule allows, so that rules are
 * written out once with the pool's ACLs and the limit, and once without. A rule has one limit, and that one rate.
 */
import { actionOf, textOf } from './access.ts';
import type { AclTable } from './acl-table.ts';
import { type Draft, freeName, type LimitDraft, type RuleDraft } from './draft.ts';
import type { Tell } from './finding.ts';
import { ALWAYS, type Formula, NEVER } from './formula.ts';
import { formulaOf } from './routes.ts';
import { type Statement, textsOf, wordAt } from './statement.ts';

export interface PoolParts {
  readonly table: AclTable;
  readonly draft: Draft;
  readonly tell: Tell;
  /** Statements of one name. */
  of(name: string): readonly Statement[];
}

/** What one pool becomes. */
interface Pool {
  readonly name: string;
  readonly formula: Formula;
}

const MOST_ALTERNATIVES = 8;

/** What is told of the lines around the delay_parameters. */
const AROUND = [
  [
    'delay_pools',
    'Weir has no pools: each is a limit with bandwidth, told at its delay_parameters, and rules name it as limit. More: docs/configuration.md, limits',
  ],
  ['delay_class', 'It says which rate of the delay_parameters is whose: look there for the limit'],
  [
    'delay_access',
    'Rules that allow what this takes have the limit of the pool, told at its delay_parameters: a rule for these requests stands in front of the rule for the others',
  ],
] as const;

/** Writes the limits, and the rules that count under them. */
export function translateDelayPools(parts: PoolParts): void {
  const pools = parts.of('delay_parameters').flatMap((line) => poolOf(line, parts) ?? []);
  const { draft, tell } = parts;
  const rules = draft.access.flatMap((rule) => split(rule, pools, draft));
  draft.access.splice(0, draft.access.length, ...rules);
  for (const [name, message] of AROUND) for (const line of parts.of(name)) tell(line, 'changed', message);
}

function poolOf(line: Statement, parts: PoolParts): Pool | undefined {
  const { draft, tell } = parts;
  const number = wordAt(line, 0);
  const rate = rateOf(line, parts);
  const formula = typeof rate === 'string' ? undefined : takenBy(number, parts);
  const reason = typeof rate === 'string' ? rate : whyNot(formula, draft);
  if (reason !== undefined || formula === undefined || typeof rate === 'string') {
    tell(
      line,
      'dropped',
      `No bandwidth is held back: ${reason}. Write a limit with bandwidth by hand where it is meant`,
    );
    return undefined;
  }
  const name = `pool-${number}`;
  draft.limits.set(name, rate.limit);
  tell(line, 'changed', limitSentence(name, rate));
  return { name, formula };
}

function limitSentence(name: string, { limit, isWhole }: Rate): string {
  const whose = limit.per === 'source' ? 'each client address' : 'all together';
  const lost = isWhole ? '' : '. A rule has one limit, so that the other rates of the pool are left out';
  return `Limit "${name}" (under limits) of the rules that allow what its delay_access takes: ${limit.bandwidth} for ${whose}. Squid slows down answers alone and lets what was saved up in the bucket pass at once; Weir counts both directions and saves nothing up${lost}. More: docs/configuration.md, limits`;
}

function whyNot(formula: Formula | undefined, { limits }: Draft): string | undefined {
  if (formula === undefined) return 'its delay_access has ACLs that cannot be judged there';
  if (formula.length === 0) return 'its delay_access takes nothing';
  if (formula.length > MOST_ALTERNATIVES) return 'its delay_access has too many alternatives to write out';
  const isCounting = [...limits.values()].some(({ tunnels }) => tunnels !== undefined);
  return isCounting ? 'a rule has one limit, and that counts the connections of clients here' : undefined;
}

/** What the pool holds back; undefined where that cannot be judged. */
function takenBy(number: string, parts: PoolParts): Formula | undefined {
  const lines = parts
    .of('delay_access')
    .filter((line) => wordAt(line, 0) === number)
    .map((line) => ({ ...line, words: line.words.slice(1) }));
  const last = lines.findLast((line) => actionOf(line) !== undefined);
  const otherwise = last === undefined || actionOf(last) === 'allow' ? NEVER : ALWAYS;
  const strict = formulaOf(parts, lines, { otherwise, isStrict: true });
  const wide = formulaOf(parts, lines, { otherwise, isStrict: false });
  return JSON.stringify(strict) === JSON.stringify(wide) ? strict : undefined;
}

interface Rate {
  readonly limit: LimitDraft;
  /** Whether there is no other rate in the pool. */
  readonly isWhole: boolean;
}

/** Positions in delay_parameters of what Weir can hold back, the nearest to a client first; by class. */
const PER: Readonly<Record<string, readonly (LimitDraft['per'] | undefined)[]>> = {
  '1': ['global'],
  '2': ['global', 'source'],
  '3': ['global', undefined, 'source'],
};

/** The rate that is nearest to a client, or why there is none. */
function rateOf(line: Statement, { of }: PoolParts): Rate | string {
  const own = of('delay_class').find((one) => wordAt(one, 0) === wordAt(line, 0));
  const kinds = PER[own === undefined ? '' : wordAt(own, 1)];
  if (kinds === undefined) return 'Weir has limits for pools of the classes 1, 2 and 3';
  const rates = textsOf(line, 1).map((text) => /^\d+(?=\/|$)/.exec(text)?.[0]);
  const limited = rates.flatMap((rate, index) => (rate === undefined ? [] : [{ rate, per: kinds[index] }]));
  const nearest = limited.findLast(({ per }) => per !== undefined);
  if (nearest?.per === undefined) return 'it has no rate for all or for each client';
  const bytes = Number(nearest.rate);
  if (bytes < 1024 || bytes > 999_999_999) return 'Weir has bandwidths from 1KiB/s to 999999999B/s';
  return { limit: { per: nearest.per, bandwidth: `${bytes}B/s` }, isWhole: limited.length === 1 };
}

/** A rule once for each alternative of a pool, and once for what no pool takes. */
function split(rule: RuleDraft, pools: readonly Pool[], draft: Draft): RuleDraft[] {
  if (rule.action === 'deny') return [rule];
  const rules: RuleDraft[] = [];
  for (const { name: limit, formula } of pools) {
    for (const conjunction of formula) {
      const more = conjunction.map(textOf).filter((text) => !rule.acls.includes(text));
      // All that the rule allows is the pool's: written out without it, it would never be asked.
      if (more.length === 0) return [...rules, { ...rule, limit }];
      const isTaken = (name: string): boolean =>
        [...draft.access, ...rules].some((other) => other.name === name);
      const acls = [...new Set([...rule.acls, ...more])];
      rules.push({ ...rule, name: freeName(`${rule.name}-${limit}`, isTaken), acls, limit });
    }
  }
  return [...rules, rule];
}
