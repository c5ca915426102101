/** Where a plain HTTP request may go, in the order to try: vetted addresses of the origin, or addresses of the route's peers. */
import { ProxyError } from '#errors.ts';
import { peerAddresses } from '#peer/dial-peer.ts';
import type { Peer } from '#peer/peer.ts';
import { type Passage, vetDestination } from './admit.ts';
import { peerTools } from './peer-tools.ts';
import type { Transaction } from './transaction.ts';

export interface Hop {
  readonly address: string;
  readonly port: number;
  /** Undefined: the origin itself. */
  readonly peer: Peer | undefined;
  /** Whether none comes behind it. */
  readonly isLast: boolean;
}

/** @throws {ProxyError} `name_prohibited`, `address_prohibited`, `dns_*`; `peer_unavailable` where no peer's name resolves */
export async function* nextHops(tx: Transaction, passage: Passage): AsyncGenerator<Hop> {
  const { selector } = passage.route;
  if (selector === undefined) {
    const vetted = await vetDestination(tx, passage.permit);
    for (const { ip } of vetted) {
      yield { address: ip.text, port: tx.port, peer: undefined, isLast: ip === vetted.at(-1)?.ip };
    }
    return;
  }
  const now = tx.context.tools.wheel.now();
  let fault: ProxyError | undefined;
  const peers = selector.order(now);
  for (const peer of peers) {
    try {
      const addresses = await peerAddresses(peerTools(tx), peer.options);
      for (const ip of addresses) {
        const isLast = peer === peers.at(-1) && ip === addresses.at(-1);
        yield { address: ip.text, port: peer.options.address.port, peer, isLast };
      }
    } catch (error) {
      fault = ProxyError.from(error);
      peer.failed(fault.reason, now);
    }
  }
  if (fault !== undefined) throw fault;
}
