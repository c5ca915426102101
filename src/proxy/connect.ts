/** From a passage to an open leg: through the peers of the route, or direct to an address that the guard has vetted. */
import { performance } from 'node:perf_hooks';
import { appendVia, listOf, type RawHeaders } from '#net/headers.ts';
import { connectThroughPeers } from '#peer/connect.ts';
import type { PeerOptions } from '#peer/options.ts';
import type { Selector } from '#peer/select.ts';
import { type Passage, vetDestination } from './admit.ts';
import { connectDirect } from './connect-direct.ts';
import { peerTools } from './peer-tools.ts';
import { headForPeer, phasesFrom } from './tell-hop.ts';
import type { Transaction } from './transaction.ts';
import type { Upstream } from './upstream.ts';

/** @throws {ProxyError} why no leg could be opened; {@link PeerRefusal} with a peer's own answer */
export function connect(tx: Transaction, passage: Passage, headers: RawHeaders): Promise<Upstream> {
  const { selector, source } = passage.route;
  if (selector !== undefined) return connectToPeer(tx, selector, headers);
  const vetted = vetDestination(tx, passage.permit);
  if (vetted instanceof Promise) return vetted.then((addresses) => connectDirect(tx, { addresses, source }));
  return connectDirect(tx, { addresses: vetted, source });
}

async function connectToPeer(tx: Transaction, selector: Selector, headers: RawHeaders): Promise<Upstream> {
  const before = performance.now();
  const via = appendVia(listOf(headers, 'via'), { version: '1.1', pseudonym: tx.context.pseudonym });
  const onTry = (peer: PeerOptions): void => {
    tx.peer = peer.name;
  };
  const { peer, leg, reply, address, release } = await connectThroughPeers(
    peerTools(tx),
    {
      selector,
      wish: tx,
      composeHead: (options) => headForPeer(tx, via, options),
      onTry,
      patienceMs: tx.generation.config.timeouts.establish,
    },
    tx.abort,
  );
  tx.upstreamIp = address;
  tx.connectMs = performance.now() - before;
  const { text } = peer.options.address;
  tx.peerPhases = phasesFrom(peer.options, reply.headers);
  const proxyStatus = peer.options.hop ? listOf(reply.headers, 'proxy-status') : undefined;
  return { leg, nextHop: text, proxyStatus, release };
}
