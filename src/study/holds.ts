/** Whether a condition surely holds for a subject, as for a rule that allows. */
import type { Acl } from '#match/acl.ts';
import { compileCondition, evaluateForAllow } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';

export function holds(
  literals: readonly string[],
  acls: ReadonlyMap<string, Acl>,
  subject: Subject,
): boolean {
  return evaluateForAllow(compileCondition(literals, acls), subject) === Tri.True;
}
