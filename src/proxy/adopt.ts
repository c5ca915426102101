/** Makes a leg of a connection that Node's HTTP has read a head from: the connection goes on, its first owner is gone. */
import type { Socket } from 'node:net';
import { ProxyError } from '#errors.ts';
import type { LedgerSide } from '#net/ledger.ts';
import { Leg } from '#net/leg.ts';
import { takeOver } from '#net/takeover.ts';
import type { Transaction } from './transaction.ts';

/**
 * `head` is what was read behind the head; it and what `socket` had buffered are held by the leg.
 * @throws {ProxyError} `client_gone`, `connection_terminated`: the connection is closed
 */
export function adopt(
  tx: Transaction,
  from: { readonly socket: Socket; readonly side: LedgerSide },
  head: Buffer,
): Leg {
  if (from.socket.destroyed)
    throw new ProxyError(from.side === 'client' ? 'client_gone' : 'connection_terminated');
  let early: Buffer | undefined;
  const leg = new Leg(tx.context.tools.pool, (onread) => {
    const taken = takeOver(from.socket, onread);
    early = taken.early;
    return taken.socket;
  });
  tx.context.tools.ledger.succeed(from.side, leg.socket);
  if (from.side === 'client') tx.connection.becomeTunnel(leg.socket);
  if (head.length > 0) leg.hold(head);
  if (early !== undefined) leg.hold(early);
  return leg;
}
