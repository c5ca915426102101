/**
 * What asks a next hop on behalf of the cache: a view of the transaction that needed it first, with its own end. Policy, route and
 * identity are that transaction's; clocks, abort, limits and what becomes of it are not, so that its client may leave.
 */
import { Abort } from '#net/abort.ts';
import type { Transaction } from './transaction.ts';

/**
 * Every field that the way to a next hop writes is the view's own. Never recorded: who reads what it brings is. `readBytes` tells how
 * much of that readers have taken, which is the progress of the client that there is not.
 */
export function detached(tx: Transaction, readBytes: () => number): Transaction {
  const leg = {
    received: 0,
    pendingBytes: 0,
    get sent() {
      return readBytes();
    },
  };
  const view = Object.assign(Object.create(tx) as Transaction, {
    previous: undefined,
    next: undefined,
    abort: new Abort(),
    connection: { leg },
    phase: undefined,
    claim: undefined,
    onTurn: undefined,
    revocation: undefined,
    peer: undefined,
    upstreamIp: undefined,
    status: 0,
    outcome: 'completed',
    reason: undefined,
    error: undefined,
    detail: undefined,
    connectMs: undefined,
    firstByteMs: undefined,
  });
  return Object.assign(view, { deadline: tx.context.tools.wheel.deadline(view) });
}

/** What the way to the next hop was like, for the record of the transaction that it was taken for. */
export function noteWay(tx: Transaction, { peer, upstreamIp, connectMs }: Transaction): void {
  tx.peer = peer;
  tx.upstreamIp = upstreamIp;
  tx.connectMs = connectMs;
}

/** The fault that the answer tells of, which its client gets. */
export function noteFault(tx: Transaction, { reason, outcome, error, detail }: Transaction): void {
  tx.reason = reason;
  tx.outcome = outcome;
  tx.error = error;
  tx.detail = detail;
}
