/** One line of `access`: what it does, and when. In which order lines are asked is decide.ts's to say. */
import type { Acl } from '#match/acl.ts';
import { type Condition, compileCondition, evaluateForAllow, evaluateForDeny } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import { DEFAULT_ON_REVOKE, type OnRevoke } from './on-revoke.ts';

/** One access rule as the configuration gives it: exactly one of `allow` and `deny`. */
export interface RuleOptions {
  readonly name: string;
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  /** Name of the limit under which what it allows is counted. */
  readonly limit?: string | undefined;
  /** @default {@link DEFAULT_ON_REVOKE} */
  readonly onRevoke?: OnRevoke | undefined;
  /** Protocols that a plain HTTP request may upgrade to, in any case. */
  readonly upgrade?: readonly string[] | undefined;
}

/** A compiled rule. */
export interface Rule {
  readonly name: string;
  /** Place among the rules, from 0. */
  readonly index: number;
  readonly action: 'allow' | 'deny';
  readonly condition: Condition;
  readonly limit: string | undefined;
  readonly onRevoke: OnRevoke;
  /** Lower-case. */
  readonly upgrade: ReadonlySet<string>;
}

/** @throws {Error} where not exactly one action has ACLs, or one of them is not defined */
export function compileRule(options: RuleOptions, index: number, acls: ReadonlyMap<string, Acl>): Rule {
  const { name, allow = [], deny = [], limit, onRevoke = DEFAULT_ON_REVOKE, upgrade = [] } = options;
  // The empty conjunction holds always; nobody means that by an empty list.
  if ((allow.length === 0) === (deny.length === 0)) {
    throw new Error(`Rule "${name}" needs ACLs under exactly one of "allow" and "deny"`);
  }
  const isAllow = allow.length > 0;
  return Object.freeze({
    name,
    index,
    action: isAllow ? 'allow' : 'deny',
    condition: compileCondition(isAllow ? allow : deny, acls),
    limit,
    onRevoke,
    upgrade: new Set(upgrade.map((protocol) => protocol.toLowerCase())),
  });
}

/** Whether the rule's condition holds, by the meaning that its action gives to the unknown. Never `Unknown`. */
export function evaluateRule(rule: Rule, subject: Subject): Tri {
  const { condition } = rule;
  if (rule.action === 'deny') return evaluateForDeny(condition, subject);
  // TRACE shows its sender what others added on the way, so it is allowed by name alone (RFC 9110 section 9.3.8).
  if (subject.method === 'TRACE' && !condition.namesMethod) return Tri.False;
  return evaluateForAllow(condition, subject);
}
