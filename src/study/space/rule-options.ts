/** Options of rules that change what a rule decides, wherever the policy has them. */
import type { RuleOptions } from '#acl/rule.ts';

interface Deciding {
  /** Milliseconds since the epoch, from which on the rule never matches. */
  readonly until?: number | undefined;
  /** `report`: it only says what it would do. */
  readonly mode?: 'enforce' | 'report' | undefined;
  /** Meant to refuse more than the tier before. */
  readonly narrows?: boolean | undefined;
}

/** The options of the rule that a study has to know of. */
export function optionsOf(rule: RuleOptions & Deciding): Deciding {
  return rule;
}
