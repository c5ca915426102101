/** The moment a CONNECT succeeds: the client gets its 200, and the tunnel runs on its own, at once or when its ClientHello is judged. */
import type { Permit } from '#acl/permit.ts';
import { HelloHold } from './hello-hold.ts';
import { establishedHead } from './reply.ts';
import type { Transaction } from './transaction.ts';
import { Tunnel } from './tunnel.ts';
import type { Upstream } from './upstream.ts';

/** From here on the tunnel answers for both legs; before, a fault must not leave the upstream's open. */
export function openTunnel(tx: Transaction, permit: Permit, upstream: Upstream): void {
  const { connection } = tx;
  try {
    tx.abort.check();
    connection.becomeTunnel();
    tx.status = 200;
    connection.leg.writeText(establishedHead(tx, upstream.nextHop, upstream.proxyStatus));
    begin(tx, permit, upstream);
  } catch (error) {
    upstream.leg.destroy();
    upstream.release();
    throw error;
  }
}

function begin(tx: Transaction, permit: Permit, upstream: Upstream): void {
  const { sni } = permit.rule;
  if (permit.needsHello || sni === 'verify') {
    new HelloHold(tx, permit, upstream).begin();
    return;
  }
  // Nothing waits for it any more.
  tx.sni = undefined;
  const tunnel = new Tunnel(tx, tx.connection.leg, upstream);
  if (sni === 'log') tunnel.startWatched();
  else tunnel.start();
}
