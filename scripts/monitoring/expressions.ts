/**
 * Expressions that rules and dashboards share. Whose doing a failure was is asked of the table of reasons (src/errors.ts), so that a new
 * reason is counted where it belongs without anybody thinking of it here.
 */
import { REASONS, type ReasonFacts } from '#errors.ts';

const FAILED: readonly (readonly [string, ReasonFacts])[] = Object.entries(REASONS).filter(
  ([, { outcome }]) => outcome === 'failed',
);

/** A matcher of all reasons that are so. */
function reasonsThat(are: (facts: ReasonFacts) => boolean): string {
  return FAILED.filter(([, facts]) => are(facts))
    .map(([name]) => name)
    .sort()
    .join('|');
}

/** Faults of the proxy and of its peers: what burns the objective. */
export const OWN = `outcome="failed", reason=~"${reasonsThat(({ source, retryable }) => source === 'proxy' || (source === 'peer' && retryable))}"`;
/** Faults of targets, also where a peer tells of them. */
export const TARGETS = `outcome="failed", reason=~"${reasonsThat(({ source, retryable }) => source === 'origin' || (source === 'peer' && !retryable))}"`;
/** What the policy of either tier refused. */
export const REFUSED = 'outcome="denied"';
/** What was to be done: all but what policy and limits held back. */
export const WANTED = 'outcome!~"denied|limited|revoked"';

/** Transactions a second, by tier; `more` is matchers. */
export function rate(matchers: string, window: string): string {
  const braces = matchers === '' ? '' : `{${matchers}}`;
  return `sum by (tier) (rate(weir_requests_total${braces}[${window}]))`;
}

/** The same, 0 where there are others and none of these. */
export function rateOrNone(matchers: string, window: string): string {
  return `(${rate(matchers, window)} or 0 * ${rate('', window)})`;
}

/** Which part of what was to be done came to that, by tier. */
export function part(matchers: string, window: string): string {
  return `${rateOrNone(matchers, window)} / ${rate(WANTED, window)}`;
}
