/** Between decision and route: the limit of the rule that allowed, where it has one. */
import type { Rule } from '#acl/rule.ts';
import { Claim } from '#limit/claim.ts';
import { keyOf, type Limit } from '#limit/limit.ts';
import type { Transaction } from './transaction.ts';

/**
 * Counts the transaction under the limit of `rule`, which has one; it gives back what it took when it ends. At once where the
 * counts are this process's own.
 * @throws {LimitExceeded} `requests_exceeded`, `tunnels_exceeded`, `bytes_exceeded`
 */
export function claimLimit(tx: Transaction, rule: Rule): Promise<void> | undefined {
  const limit = tx.generation.limits.get(rule.limit as string) as Limit;
  tx.claim = new Claim({
    limit,
    key: keyOf(limit.options, tx, rule.name),
    rule: rule.name,
    wheel: tx.context.tools.wheel,
    onExceeded: (error) => tx.abort.abort(error),
  });
  const entering = tx.claim.enter(tx.upgrade !== undefined || tx.method === 'CONNECT');
  return entering && tx.abort.race(entering);
}
