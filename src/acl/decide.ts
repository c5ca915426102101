/** The decision: a pure function of policy and subject. It neither resolves names nor dials; a permit is made of its answer elsewhere. */
import type { Subject } from '#match/subject.ts';
import { Tri } from '#match/tri.ts';
import { type Decision, type HalfDecision, NEEDS_ADDRESS, NO_RULE } from './decision.ts';
import type { Policy } from './policy.ts';
import { evaluateRule, type Rule } from './rule.ts';

/**
 * Decides by the first rule that holds; where none does, denies. Rules that only report are not asked (report.ts).
 *
 * A rule that asks for an address not yet resolved is pending, and from the first such rule on the order is open: it may
 * hold for one address and not for another. The rules after it are still asked, because a name is resolved only when some
 * rule could still allow:
 *
 * 1. An allow rule that holds decides, where nothing before it is pending.
 * 2. An allow rule that holds after a pending deny, or is pending itself, could allow some address: the answer needs it.
 * 3. A deny rule that holds decides, pending or not: whatever is pending before it can only be deny rules.
 * 4. At the end nothing could allow: denied, for want of a rule.
 *
 * The same goes for a rule that asks for a server name not yet heard. The address comes first: what waits for both, waits for it.
 */
export function decideSoFar(policy: Policy, subject: Subject): Decision | HalfDecision {
  const { enforced, decisions } = policy;
  let open: Tri = Tri.False;
  for (const rule of enforced) {
    const value = evaluateRule(rule, subject);
    if (value === Tri.False) continue;
    if (value >= Tri.Unheard && value > open) open = value;
    if (rule.action === 'allow' && open !== Tri.False) return openDecision(policy, rule, open);
    if (value === Tri.True) return decisions[rule.index] as Decision;
  }
  return NO_RULE;
}

/** `rule` could allow; `open` is what it takes to know. */
function openDecision({ halfDecisions }: Policy, rule: Rule, open: Tri): Decision | HalfDecision {
  return open === Tri.Pending ? NEEDS_ADDRESS : (halfDecisions[rule.index] as HalfDecision);
}

/** As {@link decideSoFar}, of a subject whose server name is known or will never be. */
export function decide(policy: Policy, subject: Subject): Decision {
  const decision = decideSoFar(policy, subject);
  if (decision.verdict === 'needs-hello') throw new Error('The server name is still to be heard');
  return decision;
}
