/** Makes a leg of a connection to a next hop that Node's HTTP has read a head from: it goes on, its first owner is gone. */
import type { Socket } from 'node:net';
import { ProxyError } from '#errors.ts';
import { Leg } from '#net/leg.ts';
import { takeOver } from '#net/takeover.ts';
import type { Transaction } from './transaction.ts';

/**
 * `head` is what was read behind the head; it and what `socket` had buffered are held by the leg.
 * @throws {ProxyError} `connection_terminated`: the connection is closed
 */
export function adopt(tx: Transaction, from: Socket, head: Buffer): Leg {
  if (from.destroyed) throw new ProxyError('connection_terminated');
  let early: Buffer | undefined;
  const leg = new Leg(tx.context.tools.pool, (onread) => {
    const taken = takeOver(from, onread);
    early = taken.early;
    return taken.socket;
  });
  tx.context.tools.ledger.succeed('upstream', leg.socket);
  if (head.length > 0) leg.hold(head);
  if (early !== undefined) leg.hold(early);
  return leg;
}
