/**
 * What hangs on the user. Whether a refusal was for want of credentials, so that the client should be asked for them: a deny rule held, or an allow
 * rule failed that would else have matched, because nobody had authenticated (docs/configuration.md, `users`).
 */
import { evaluateLiteral, type Literal } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { Policy } from './policy.ts';
import { isAsked, type Rule } from './rule.ts';

/** `decided` is the rule that denied; undefined where no rule allowed. */
export function wantsCredentials(policy: Policy, subject: Subject, decided: Rule | undefined): boolean {
  if (subject.user !== undefined || !policy.uses.has('users')) return false;
  for (const rule of policy.enforced) {
    if (rule === decided) return rule.condition.literals.some((literal) => wantsUser(literal, subject));
    if (rule.action === 'allow' && couldAllow(rule, subject)) return true;
  }
  return false;
}

/**
 * Whether the refusal might be another one, or none, for somebody who has authenticated: not even one rule up to the one that
 * denied could come out otherwise where it is not. More than {@link wantsCredentials}: an ACL may have other unknowns beside
 * its users.
 */
export function mayDependOnUser(policy: Policy, subject: Subject, decided: Rule | undefined): boolean {
  if (!policy.uses.has('users')) return false;
  for (const rule of policy.enforced) {
    if (isAsked(rule, subject) && hangsOnUser(rule, subject)) return true;
    if (rule === decided) return false;
  }
  return false;
}

function hangsOnUser({ condition: { literals } }: Rule, subject: Subject): boolean {
  return (
    literals.some((literal) => isOpen(literal, subject)) &&
    literals.every((literal) => isOpen(literal, subject) || evaluateLiteral(literal, subject) !== Tri.False)
  );
}

/** Whether the ACL asks for users, and nothing else in it settles what it comes to. */
function isOpen({ acl }: Literal, subject: Subject): boolean {
  return (
    acl.matchers.some(({ key }) => key === 'users') &&
    acl.matchers.every((matcher) => matcher.key === 'users' || matcher.test(subject) !== Tri.False)
  );
}

/** Whether nothing but the want of a user keeps the rule from allowing, or from asking for the address. */
function couldAllow(rule: Rule, subject: Subject): boolean {
  const { literals } = rule.condition;
  return (
    isAsked(rule, subject) &&
    literals.some((literal) => wantsUser(literal, subject)) &&
    literals.every((literal) => holds(literal, subject) || wantsUser(literal, subject))
  );
}

function holds(literal: Literal, subject: Subject): boolean {
  const value = evaluateLiteral(literal, subject);
  return value === Tri.True || value >= Tri.Unheard;
}

/** Whether the ACL is unknown, negated or not, and everything in it but the user holds. */
function wantsUser({ acl }: Literal, subject: Subject): boolean {
  return (
    acl.matchers.some(({ key }) => key === 'users') &&
    acl.matchers.every((matcher) => matcher.key === 'users' || matcher.test(subject) === Tri.True)
  );
}
