/** The clock of everything up to an answer; the reason that it gives names who was waited for. What is answered at once needs none. */
import { ProxyError, type Reason } from '#errors.ts';
import type { Phase, Transaction } from './transaction.ts';

const ESTABLISHING: Phase = {
  onDeadline(tx) {
    const overdue = tx.claim?.overdue;
    tx.abort.abort(overdue ?? late(tx));
  },
};

export function startEstablishClock(tx: Transaction): void {
  beginEstablishing(tx);
  timeEstablishing(tx);
}

/** For what may be over at once; {@link timeEstablishing} follows in the same turn of the event loop, where it is not. */
export function beginEstablishing(tx: Transaction): void {
  tx.phase = ESTABLISHING;
}

/** Somebody is waited for now. Does nothing where an answer has begun meanwhile, or has a clock of its own. */
export function timeEstablishing(tx: Transaction): void {
  if (tx.phase !== undefined && tx.deadline.dueMs === 0)
    tx.deadline.set(tx.generation.config.timeouts.establish);
}

function late(tx: Transaction): ProxyError {
  const detail = 'Time to establish is over';
  // Those who are checked at once are few, and the rest wait for them.
  if (tx.credentials === 'asked')
    return new ProxyError('credentials_unchecked', { detail: `${detail}, and the password not checked` });
  return new ProxyError(awaited(tx), { detail });
}

/** What has not come in time. */
function awaited(tx: Transaction): Reason {
  if (tx.peer !== undefined) return 'peer_timeout';
  return tx.upstreamIp === undefined ? 'dns_timeout' : 'connection_timeout';
}
