/**
 * Rules that cannot do what they say: ended, contradictory, behind others that take everything, or a refusal behind an
 * allowance that takes some of it. An exception that is wholly inside the rule after it is how policies are written.
 */
import { decide } from '#acl/decide.ts';
import type { Policy } from '#acl/policy.ts';
import { evaluateRule, type Rule } from '#acl/rule.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { RuleOutcome } from '../space/outcomes.ts';
import { NOTHING, type Region } from '../space/regions.ts';
import type { Space } from '../space/space.ts';
import type { Remark } from './finding.ts';
import { findRequest, type Witness, witnessOf } from './witness.ts';

const SOON_MS = 14 * 86_400_000;
/** So many rules are named. */
const MOST_NAMES = 3;

export interface RuleStudy {
  readonly space: Space;
  readonly policy: Policy;
  /** All rules of it, in their order. */
  readonly rules: readonly RuleOutcome[];
  readonly nowMs: number;
}

/** Remarks about rules, in their order. @throws {OverBudget} */
export function lintRules(study: RuleStudy): Remark[] {
  const { rules } = study;
  return rules.flatMap((outcome) => lintRule(study, outcome, rules.slice(0, outcome.index)) ?? []);
}

function lintRule(
  study: RuleStudy,
  outcome: RuleOutcome,
  before: readonly RuleOutcome[],
): Remark | undefined {
  const { until } = outcome.rule;
  if (until !== undefined && until <= study.nowMs) return expired(outcome, until);
  if (outcome.holds === NOTHING) return contradictory(outcome);
  if (outcome.decides === NOTHING) return unreachable(study, outcome, before);
  if (until !== undefined && until - study.nowMs <= SOON_MS) return endsSoon(outcome, until);
  return outcome.action === 'deny' ? shadowed(study, outcome, before) : undefined;
}

function about({ rule, index }: RuleOutcome): Pick<Remark, 'rule' | 'path'> {
  return { rule: rule.name, path: ['access', index, 'name'] };
}

function expired(outcome: RuleOutcome, until: number): Remark {
  const message = `Rule "${outcome.rule.name}" ended at ${timeText(until)} and never matches`;
  return { code: 'expired-rule', ...about(outcome), message, fix: 'Remove it, or give it a later "until"' };
}

function endsSoon(outcome: RuleOutcome, until: number): Remark {
  const message = `Rule "${outcome.rule.name}" ends at ${timeText(until)}`;
  return {
    code: 'rule-ends-soon',
    ...about(outcome),
    message,
    fix: 'Give it a later "until" if it is still needed',
  };
}

function contradictory(outcome: RuleOutcome): Remark {
  const { rule, action, literals } = outcome;
  return {
    code: 'contradictory-rule',
    ...about(outcome),
    message: `No request matches all of ${literals.join(', ')}, so rule "${rule.name}" never ${action === 'allow' ? 'allows' : 'denies'} anything`,
    fix: 'Take out the ACL that does not belong there, or remove the rule',
  };
}

function unreachable(study: RuleStudy, outcome: RuleOutcome, before: readonly RuleOutcome[]): Remark {
  const { regions, resolved } = study.space;
  const takers = before.filter(({ decides, reportsOnly }) => {
    return !reportsOnly && regions.and(decides, outcome.holds, resolved) !== NOTHING;
  });
  const names = takers.slice(0, MOST_NAMES).map(({ rule }) => `"${rule.name}"`);
  const more = takers.length > MOST_NAMES ? ` and ${takers.length - MOST_NAMES} more` : '';
  // Rules before it decide all that it holds for, so that there is one.
  const first = takers[0] as RuleOutcome;
  return {
    code: 'unreachable-rule',
    ...about(outcome),
    message: `No request gets to rule "${outcome.rule.name}": all that it holds for is decided before it by ${names.join(', ')}${more}`,
    fix: `Remove it, or move it before rule "${first.rule.name}"`,
    witness: overtaken(study, outcome, first),
  };
}

function shadowed(
  study: RuleStudy,
  outcome: RuleOutcome,
  before: readonly RuleOutcome[],
): Remark | undefined {
  const { regions } = study.space;
  const taker = before.find(({ action, decides, holds, reportsOnly }) => {
    if (action === 'deny' || reportsOnly || regions.and(decides, outcome.holds) === NOTHING) return false;
    return regions.minus(holds, outcome.holds) !== NOTHING;
  });
  const witness = taker && overtaken(study, outcome, taker);
  if (taker === undefined || witness === undefined) return undefined;
  const [name, earlier] = [outcome.rule.name, taker.rule.name];
  return {
    code: 'shadowed-rule',
    ...about(outcome),
    message: `Rule "${earlier}" before it allows some of what rule "${name}" denies`,
    fix: `Move rule "${name}" before rule "${earlier}" if it is to be refused`,
    witness,
  };
}

/** A request that the rule holds for and that an earlier one decides. */
function overtaken(
  { space, policy }: RuleStudy,
  outcome: RuleOutcome,
  earlier: RuleOutcome,
): Witness | undefined {
  const rule = policy.rules[outcome.index] as Rule;
  const region: Region = space.regions.and(earlier.decides, outcome.holds, space.resolved);
  const request = findRequest(space, region, (subjects) => {
    const subject = subjects[0] as Subject;
    const decision = decide(policy, subject);
    const isTaken = decision.verdict !== 'needs-address' && decision.rule?.index === earlier.index;
    return isTaken && evaluateRule(rule, subject) === Tri.True;
  });
  return request && witnessOf(space, request);
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
