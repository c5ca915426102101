/** Which clients are hops of ours. */
import { type Condition, evaluateForAllow } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';

/** Whether the client is one, whose Weir-Transaction is believed. */
export function isTrustedHop(trust: Condition | undefined, subject: Subject): boolean {
  return trust !== undefined && evaluateForAllow(trust, subject) === Tri.True;
}
