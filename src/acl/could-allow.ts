/** What can be said of a rule without knowing who asks: whether it is out of the question for a target, by what it says of targets alone. */
import type { Literal } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { Rule } from './rule.ts';

/** Keys of an ACL that ask for nothing but these. */
const OF_TARGETS: ReadonlySet<string> = new Set([
  'methods',
  'schemes',
  'ports',
  'dstDomains',
  'dstDomainRegex',
  'urlRegex',
]);

export type Target = Pick<Subject, 'method' | 'host' | 'port' | 'requestUrl'>;

/** Whether the rule may allow somebody this target, sooner or later. */
export function couldAllow(rule: Rule, target: Target): boolean {
  return rule.action === 'allow' && rule.condition.literals.every((literal) => mayHold(literal, target));
}

function mayHold({ acl: { matchers }, isNegated }: Literal, target: Target): boolean {
  // Nothing else of it is asked for.
  const subject = target as Subject;
  const told = matchers.filter(({ key }) => OF_TARGETS.has(key));
  if (!isNegated) return told.every((matcher) => matcher.test(subject) !== Tri.False);
  const isWhole = told.length === matchers.length;
  return !(isWhole && told.every((matcher) => matcher.test(subject) === Tri.True));
}
