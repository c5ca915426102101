/** Puts what is permitted on the audit trail, before anything is dialled for it. Without a trail it is one look at a field. */
import { entryOf } from './entry-of.ts';
import type { Transaction } from './transaction.ts';

/**
 * Undefined where there is nothing to wait for.
 * @throws {ProxyError} `audit_unavailable`; the reason of the transaction's abort
 */
export function putOnTrail(tx: Transaction): Promise<void> | undefined {
  const { auditor } = tx.context;
  if (auditor === undefined) return undefined;
  const written = auditor.permit(entryOf(tx, 'open'));
  return written && tx.abort.race(written);
}
