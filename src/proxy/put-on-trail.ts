/** Puts what is permitted on the audit trail, before anything is dialled for it. Without a trail it is one look at a field. */
import { ProxyError } from '#errors.ts';
import { entryOf } from './entry-of.ts';
import type { Phase, Transaction } from './transaction.ts';

/** Time that is over by then is nobody's fault but the trail's. */
const WAITING: Phase = {
  onDeadline(tx) {
    const detail = 'Time to establish is over, and the audit record not written';
    tx.abort.abort(new ProxyError('audit_unavailable', { detail }));
  },
};

/**
 * Undefined where there is nothing to wait for.
 * @throws {ProxyError} `audit_unavailable`; the reason of the transaction's abort
 */
export function putOnTrail(tx: Transaction): Promise<void> | undefined {
  const { auditor } = tx.context;
  if (auditor === undefined) return undefined;
  const written = auditor.permit(entryOf(tx, 'open'));
  return written && untilWritten(tx, written);
}

async function untilWritten(tx: Transaction, written: Promise<void>): Promise<void> {
  const { phase } = tx;
  tx.phase = WAITING;
  await tx.abort.race(written);
  tx.phase = phase;
}
