/** Rules in report mode: what they would have decided, had they been in force. They change nothing. */
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { IpAddress } from '#net/ip.ts';
import type { Policy } from './policy.ts';
import { evaluateRule, type Rule } from './rule.ts';
import { viewOf } from './view.ts';

/** A rule in report mode that holds. */
export interface Report {
  readonly rule: string;
  readonly verdict: 'allow' | 'deny';
}

/** What has decided, as far as it is known. */
export interface Decided {
  /** Undefined where no rule allowed it. */
  readonly rule: Rule | undefined;
  /** What the host resolves to; undefined where nobody has asked. */
  readonly addresses: readonly IpAddress[] | undefined;
}

/**
 * The rules in report mode that would have decided: those that hold, before the rule that has decided. One that judges the
 * address holds where it does for one of the addresses, and is left out while they are not known.
 */
export function reportsOf(policy: Policy, subject: Subject, { rule, addresses }: Decided): readonly Report[] {
  const last = rule?.index ?? policy.rules.length;
  return policy.reporting
    .filter((each) => each.index < last && holds(each, subject, addresses))
    .map(({ name, action }) => ({ rule: name, verdict: action }));
}

function holds(rule: Rule, subject: Subject, addresses: readonly IpAddress[] | undefined): boolean {
  const value = evaluateRule(rule, subject);
  if (value !== Tri.Pending || addresses === undefined) return value === Tri.True;
  const view = viewOf(subject);
  return addresses.some((address) => {
    view.destination = address;
    return evaluateRule(rule, view) === Tri.True;
  });
}
