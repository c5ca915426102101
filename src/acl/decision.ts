/** What a policy says about a subject. One value per rule, made when the policy is compiled, so that deciding allocates nothing. */
import type { Rule } from './rule.ts';

export type Decision =
  | { readonly verdict: 'allow'; readonly rule: Rule }
  | {
      readonly verdict: 'deny';
      /** Undefined where no rule allowed it. */
      readonly rule: Rule | undefined;
    }
  /** The host must be resolved first: some rule could still allow one of its addresses. */
  | { readonly verdict: 'needs-address' };

/**
 * What can be said before the ClientHello is heard, where it matters: some rule could still allow. `rule` is the first that
 * could, by whose options it goes until then.
 */
export interface HalfDecision {
  readonly verdict: 'needs-hello';
  readonly rule: Rule;
}

/** The decision by this rule. */
export function decisionBy(rule: Rule): Decision {
  return Object.freeze(rule.action === 'allow' ? { verdict: 'allow', rule } : { verdict: 'deny', rule });
}

/** The decision where no rule decides: denied, always. */
export const NO_RULE: Decision = Object.freeze({ verdict: 'deny', rule: undefined });

/** The half decision by this rule, which allows. */
export function halfDecisionBy(rule: Rule): HalfDecision {
  return Object.freeze({ verdict: 'needs-hello', rule });
}

export const NEEDS_ADDRESS: Decision = Object.freeze({ verdict: 'needs-address' });
