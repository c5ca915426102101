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

/** The decision by this rule. */
export function decisionBy(rule: Rule): Decision {
  return Object.freeze(rule.action === 'allow' ? { verdict: 'allow', rule } : { verdict: 'deny', rule });
}

/** The decision where no rule decides: denied, always. */
export const NO_RULE: Decision = Object.freeze({ verdict: 'deny', rule: undefined });

export const NEEDS_ADDRESS: Decision = Object.freeze({ verdict: 'needs-address' });
