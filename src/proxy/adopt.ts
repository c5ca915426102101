/** Makes a leg of a connection to a next hop that Node's HTTP has read a head from: it goes on, its first owner is gone. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ProxyError } from '#errors.ts';
import type { Leg } from '#net/leg.ts';
import { handleOf } from '#net/tcp-handle.ts';
import { TcpLeg } from '#net/tcp-leg.ts';
import { TlsLeg } from '#net/tls-leg.ts';
import type { Transaction } from './transaction.ts';

/**
 * `head` is what was read behind the head; it and what `socket` had buffered are held by the leg.
 * @throws {ProxyError} `connection_terminated`: the connection is closed
 */
export function adopt(tx: Transaction, socket: Socket, head: Buffer): Leg {
  if (socket.destroyed) throw new ProxyError('connection_terminated');
  const { pool, ledger } = tx.context.tools;
  if (socket instanceof TLSSocket) {
    const leg = new TlsLeg(pool, socket);
    if (head.length > 0) leg.hold(head);
    return leg;
  }
  const { handle, early } = handleOf(socket);
  const leg = new TcpLeg(pool, ledger.upstream, handle);
  if (head.length > 0) leg.hold(head);
  if (early !== undefined) leg.hold(early);
  return leg;
}
