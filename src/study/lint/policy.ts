/** What is doubtful in the rules of one configuration and in its ACLs, looked at together. */
import { compilePolicy } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import { outcomesOf } from '../space/outcomes.ts';
import { Space } from '../space/space.ts';
import { lintAcls } from './acls.ts';
import { lintCaches } from './caches.ts';
import type { Remark } from './finding.ts';
import { lintRules } from './rules.ts';

/** @throws {OverBudget} */
export function lintPolicy({ policy, listeners, hash, ...config }: Config, nowMs: number): Remark[] {
  const space = new Space([{ policy, listeners: listeners.map(({ name }) => name) }], nowMs);
  const compiled = compilePolicy(policy, hash);
  const { rules } = outcomesOf(space, 0);
  return [
    ...lintAcls(space, { policy, ...config }),
    ...lintRules({ space, policy: compiled, rules, nowMs }),
    ...lintCaches(space, rules),
  ];
}
