/** Rules that come to their end by `until`: which ones somebody should be told of before they do. */
import type { RuleOptions } from './rule.ts';

/** So long before its end whatever ends is worth a word. */
export const AHEAD_MS = 14 * 24 * 60 * 60 * 1000;

/** A rule that has ended or soon will. */
export interface Expiry {
  readonly rule: RuleOptions;
  readonly untilMs: number;
  readonly isOver: boolean;
}

/** Those that have ended or will within 14 days, in their order. */
export function expiriesOf(rules: readonly RuleOptions[], nowMs: number): readonly Expiry[] {
  return rules.flatMap((rule) => {
    const { until } = rule;
    if (until === undefined || until - nowMs > AHEAD_MS) return [];
    return [{ rule, untilMs: until, isOver: nowMs >= until }];
  });
}
