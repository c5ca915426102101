/** Rules with `cache: true` for which nothing can ever be kept: what is kept are answers to GET, over plain HTTP. */
import type { RuleOutcome } from '../space/outcomes.ts';
import { NOTHING } from '../space/regions.ts';
import type { Space } from '../space/space.ts';
import type { Remark } from './finding.ts';

/** Remarks about rules that decide something, in their order; of those that decide nothing more is to be said. @throws {OverBudget} */
export function lintCaches({ regions, gets }: Space, rules: readonly RuleOutcome[]): Remark[] {
  return rules
    .filter(({ rule }) => rule.cache === true)
    .filter(({ decides }) => decides !== NOTHING && regions.and(decides, gets) === NOTHING)
    .map(remarkOn);
}

function remarkOn({ rule, index }: RuleOutcome): Remark {
  return {
    code: 'cache-without-effect',
    path: ['access', index, 'cache'],
    rule: rule.name,
    message: `Rule "${rule.name}" has a cache, and no request that it allows is a GET, so that nothing is ever kept for it`,
    fix: 'Remove "cache", or let it allow GET as well; of what a CONNECT carries nothing is seen',
  };
}
