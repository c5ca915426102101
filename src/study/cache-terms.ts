/**
 * What the cache of a hop has to do with a plain request that passes: the words of `weir explain`. The code that forwards asks the same
 * (cache/answerable.ts); whether an answer is worth keeping is for that to say (cache/storable.ts).
 */
import type { Rule } from '#acl/rule.ts';
import { cacheUse, isUnsafe } from '#cache/answerable.ts';
import { requestDirectives } from '#cache/directives.ts';
import { whyNoneKept } from '#cache/storable.ts';
import { upgradeWanted } from '#net/headers.ts';
import type { HopAnswer } from './explain-hop.ts';

/**
 * `keep`: the answer may come from the cache, and go there; `serve`: it may come from there alone; `bypass`, `invalidate`: the cache is
 * passed by, and the second takes out what is kept of the URL; `off`: the rule has no cache.
 */
export type CachePart = 'keep' | 'serve' | 'bypass' | 'invalidate' | 'off';

type Asked = Pick<HopAnswer, 'tier' | 'subject' | 'verdict' | 'error' | 'trace'>;

/** Null: a tunnel, or it does not pass for certain. */
export function cachePart({ subject, verdict, error, trace: { rule } }: Asked): CachePart | null {
  const isCertain = verdict === 'allow' && error === undefined;
  return isCertain && rule !== undefined && subject.requestUrl !== undefined ? partOf(rule, subject) : null;
}

function partOf(rule: Rule, { method, headers = [] }: Asked['subject']): CachePart {
  if (!rule.cache) return 'off';
  const wanted = upgradeWanted({ method, httpVersion: '1.1', rawHeaders: headers });
  const upgrade = wanted !== undefined && rule.upgrade.has(wanted) ? wanted : undefined;
  const use = cacheUse(method, headers, upgrade);
  if (use !== 'answer') return use;
  const directives = requestDirectives(headers);
  return whyNoneKept({ method, directives }) === undefined ? 'keep' : 'serve';
}

const TAKEN_OUT = 'what is kept of the URL is taken out where the answer is no error';

/** One line; undefined: there is nothing to say. */
export function cacheTerms(hop: Asked): string | undefined {
  const part = cachePart(hop);
  return part === null ? undefined : `cache: ${TERMS[part](hop)}`;
}

const TERMS: Readonly<Record<CachePart, (hop: Asked) => string>> = {
  keep: ({ tier }) => `the answer may come from it, and may be kept ${placesOf(tier)}`,
  serve: ({ subject: { method } }) =>
    `the answer may come from it, and is not kept: ${method === 'GET' ? 'the request says no-store' : 'only those to GET are'}`,
  bypass: () => 'passed by, as it answers GET and HEAD alone, without a body, Expect, Trailer or an upgrade',
  invalidate: () => `passed by, and ${TAKEN_OUT}`,
  off(hop) {
    const { tier, trace, subject } = hop;
    const isElsewhere = tier.policy.rules.some(({ cache }) => cache);
    const told = `not used, rule ${trace.rule?.name} has no "cache: true"`;
    return isElsewhere && isUnsafe(subject.method) ? `${told}; ${TAKEN_OUT}` : told;
  },
};

function placesOf({ config }: Asked['tier']): string {
  return config.cache.disk === undefined ? 'in memory' : 'in memory and on disk';
}
