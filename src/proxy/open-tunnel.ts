/** The moment a CONNECT succeeds: both sockets become legs, the client gets its 200, and the tunnel runs on its own. */
import type { Socket } from 'node:net';
import { adopt } from './adopt.ts';
import { establishedHead } from './reply.ts';
import type { Transaction } from './transaction.ts';
import { Tunnel } from './tunnel.ts';
import type { Upstream } from './upstream.ts';

/** From here on the tunnel answers for both sockets; before, a fault must not leave the upstream's open. */
export function openTunnel(
  parts: { readonly tx: Transaction; readonly socket: Socket; readonly upstream: Upstream },
  head: Buffer,
): void {
  const { tx, socket, upstream } = parts;
  try {
    tx.abort.check();
    const client = adopt(tx, { socket, side: 'client' }, head);
    tx.status = 200;
    client.socket.write(establishedHead(tx, upstream.nextHop, upstream.proxyStatus), 'latin1');
    new Tunnel(tx, client, upstream).start();
  } catch (error) {
    upstream.leg.socket.destroy();
    upstream.release();
    throw error;
  }
}
