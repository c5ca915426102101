/** Whether the client is a hop of ours (`hop.trust.from`), whose Weir-Transaction is believed. */
import { evaluateForAllow } from '#match/condition.ts';
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import type { Generation } from './generation.ts';

export function isTrustedHop({ trust }: Generation, subject: Subject): boolean {
  return trust !== undefined && evaluateForAllow(trust, subject) === Tri.True;
}
