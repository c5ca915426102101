/**
 * How a policy comes to its decision, rule by rule. The decision is `decide`'s own; what is said of the rules is what they
 * were worth on the way to it. Nothing here decides a second time.
 */
import { decide } from '#acl/decide.ts';
import type { Policy, PolicyOptions } from '#acl/policy.ts';
import { evaluateRule, isAsked, type Rule } from '#acl/rule.ts';
import { evaluateLiteral, type Literal } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import { because } from './because.ts';
import { type Outcome, outcomesOf } from './outcomes.ts';

export type Verdict = 'allow' | 'deny' | 'needs-address';

export interface LiteralTrace {
  /** As written: `name` or `!name`. */
  readonly acl: string;
  readonly value: 'true' | 'false' | 'unknown' | 'pending';
  readonly because: string;
}

export interface RuleTrace {
  readonly rule: string;
  readonly action: 'allow' | 'deny';
  /** Null where that depends on the address, and for rules that are not reached. */
  readonly matched: boolean | null;
  readonly because: string;
  /** In the order written; none for rules that are not reached. */
  readonly literals: readonly LiteralTrace[];
}

export interface Trace {
  readonly verdict: Verdict;
  /** The rule that decides; undefined where none does, or where that depends on the address. */
  readonly rule: Rule | undefined;
  /** All rules, in order. */
  readonly rules: readonly RuleTrace[];
  /** What it may come to, where it depends on the address. */
  readonly outcomes: readonly Outcome[];
}

/** What traces are made of. */
export interface Traced {
  readonly policy: Policy;
  /** What the policy's ACLs were compiled from. */
  readonly acls: PolicyOptions['acls'];
  readonly subject: Subject;
}

const VALUES = {
  [Tri.False]: 'false',
  [Tri.True]: 'true',
  [Tri.Unknown]: 'unknown',
  [Tri.Unheard]: 'pending',
  [Tri.Pending]: 'pending',
} as const;

/** The decision about a subject, and each rule's part in it. */
export function traceOf(traced: Traced): Trace {
  const { policy, subject } = traced;
  const decision = decide(policy, subject);
  const outcomes = decision.verdict === 'needs-address' ? outcomesOf(traced) : [];
  const verdicts = new Set(outcomes.map(({ verdict }) => verdict));
  const deciding = new Set('rule' in decision ? [decision.rule] : outcomes.map(({ rule }) => rule));
  const last = lastReached(deciding, policy);
  return {
    // Where every address leads to the same, none need be known.
    verdict: verdicts.size === 1 ? ([...verdicts][0] as Verdict) : decision.verdict,
    rule: deciding.size === 1 ? [...deciding][0] : undefined,
    rules: policy.rules.map((rule) =>
      rule.index > last ? notReached(rule, deciding) : traceRule(rule, traced, deciding),
    ),
    outcomes,
  };
}

/** Index of the last rule that is asked: the one that decides, or the last of all where none does. */
function lastReached(deciding: ReadonlySet<Rule | undefined>, { rules }: Policy): number {
  return Math.max(...[...deciding].map((rule) => rule?.index ?? rules.length - 1));
}

function notReached({ name, action }: Rule, deciding: ReadonlySet<Rule | undefined>): RuleTrace {
  const names = [...deciding].map((rule) => rule?.name).join(' or ');
  return { rule: name, action, matched: null, because: `not reached: ${names} decides before`, literals: [] };
}

function traceRule(rule: Rule, traced: Traced, deciding: ReadonlySet<Rule | undefined>): RuleTrace {
  const { name, action, condition } = rule;
  const value = evaluateRule(rule, traced.subject);
  const literals = condition.literals.map((literal) => traceLiteral(literal, traced));
  const told = sumUp(value, literals, { rule, traced });
  return {
    rule: name,
    action,
    matched: value === Tri.Pending ? null : value === Tri.True,
    because: value === Tri.True && !deciding.has(rule) ? `${told}; it reports and does not decide` : told,
    literals,
  };
}

function traceLiteral(literal: Literal, { acls, subject }: Traced): LiteralTrace {
  const { acl, text } = literal;
  // What an object inherits is no ACL.
  const options = Object.hasOwn(acls, acl.name) ? acls[acl.name] : undefined;
  return {
    acl: text,
    value: VALUES[evaluateLiteral(literal, subject)],
    because: because({ acl, options, subject }),
  };
}

interface Part {
  readonly rule: Rule;
  readonly traced: Traced;
}

/** Of a rule that holds all that it took; of others what keeps them from it. */
function sumUp(value: Tri, literals: readonly LiteralTrace[], { rule, traced }: Part): string {
  if (!isAsked(rule, traced.subject)) return whyNotAsked(rule, traced.subject);
  return literals
    .filter((literal) => value === Tri.True || isInTheWay(literal, value, rule.action))
    .map(({ acl, because }) => `${acl}: ${because}`)
    .join('; ');
}

function whyNotAsked({ untilMs }: Rule, { timeMs }: Subject): string {
  if (timeMs >= untilMs) return `it ended at ${Temporal.Instant.fromEpochMilliseconds(untilMs)}`;
  return 'TRACE is allowed only by a rule with an ACL that names it';
}

function isInTheWay({ value }: LiteralTrace, ofRule: Tri, action: Rule['action']): boolean {
  if (ofRule === Tri.Pending) return value === 'pending';
  return value === 'false' || (value === 'unknown' && action === 'allow');
}
