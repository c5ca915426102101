/** The moment a CONNECT succeeds: the client gets its 200, and the tunnel runs on its own. */
import { establishedHead } from './reply.ts';
import { phaseLines } from './tell-hop.ts';
import type { Transaction } from './transaction.ts';
import { Tunnel } from './tunnel.ts';
import type { Upstream } from './upstream.ts';

/** From here on the tunnel answers for both legs; before, a fault must not leave the upstream's open. */
export function openTunnel(tx: Transaction, upstream: Upstream): void {
  const { connection } = tx;
  try {
    tx.abort.check();
    connection.becomeTunnel();
    tx.status = 200;
    connection.leg.writeText(establishedHead(tx, upstream, phaseLines(tx)));
    new Tunnel(tx, connection.leg, upstream).start();
  } catch (error) {
    upstream.leg.destroy();
    upstream.release();
    throw error;
  }
}
