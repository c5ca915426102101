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
}

/** @throws {ProxyError} `name_prohibited`, `address_prohibited`, `dns_*`; `peer_unavailable` where no peer's name resolves */
export async function* nextHops(tx: Transaction, passage: Passage): AsyncGenerator<Hop> {
  const { selector } = passage.route;
  if (selector === undefined) {
    for (const { ip } of await vetDestination(tx, passage.permit)) {
      yield { address: ip.text, port: tx.port, peer: undefined };
    }
    return;
  }
  const now = tx.context.tools.wheel.now();
  let fault: ProxyError | undefined;
  for (const peer of selector.order(now)) {
    try {
      const addresses = await peerAddresses(peerTools(tx), peer.options);
      for (const { text } of addresses) yield { address: text, port: peer.options.address.port, peer };
    } catch (error) {
      fault = ProxyError.from(error);
      peer.failed(fault.reason, now);
    }
  }
  if (fault !== undefined) throw fault;
}
