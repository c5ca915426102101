/** Where a plain HTTP request may go, in the order to try: vetted addresses of the origin, or addresses of the route's peers. */
import type { VettedAddress } from '#acl/guard.ts';
import { ProxyError } from '#errors.ts';
import type { IpAddress } from '#net/ip.ts';
import { peerAddresses } from '#peer/dial-peer.ts';
import type { Peer } from '#peer/peer.ts';
import type { Selector } from '#peer/select.ts';
import { type Passage, vetDestination } from './admit.ts';
import { peerTools } from './peer-tools.ts';
import { reachableFrom } from './reachable-from.ts';
import type { Transaction } from './transaction.ts';

export interface Hop {
  readonly address: string;
  readonly port: number;
  /** Address of this host to connect from; undefined: the system chooses. */
  readonly source: string | undefined;
  /** Undefined: the origin itself. */
  readonly peer: Peer | undefined;
  /** Whether none comes behind it. */
  readonly isLast: boolean;
}

/**
 * At once where the addresses are known.
 * @throws {ProxyError} `name_prohibited`, `address_prohibited`, `destination_unroutable`, `dns_*`
 */
export function originHops(
  tx: Transaction,
  { permit, route: { source } }: Passage,
): readonly Hop[] | Promise<readonly Hop[]> {
  const vetted = vetDestination(tx, permit);
  return vetted instanceof Promise
    ? vetted.then((found) => hopsTo(tx, found, source))
    : hopsTo(tx, vetted, source);
}

function hopsTo(
  tx: Transaction,
  vetted: readonly VettedAddress[],
  from: IpAddress | undefined,
): readonly Hop[] {
  const { port } = tx;
  const source = from?.text;
  const ordered = tx.context.winners.order(tx.host.text, reachableFrom(from, vetted));
  const last = ordered.length - 1;
  return ordered.map(({ ip }, i) => ({
    address: ip.text,
    port,
    source,
    peer: undefined,
    isLast: i === last,
  }));
}

/** @throws {ProxyError} `dns_*` where no peer's name resolves */
export async function* peerHops(tx: Transaction, selector: Selector): AsyncGenerator<Hop> {
  const now = tx.context.tools.wheel.now();
  let fault: ProxyError | undefined;
  const peers = selector.order(now, tx);
  for (const peer of peers) {
    try {
      const addresses = await peerAddresses(peerTools(tx), peer.options);
      for (const ip of addresses) {
        const isLast = peer === peers.at(-1) && ip === addresses.at(-1);
        yield { address: ip.text, port: peer.options.address.port, source: undefined, peer, isLast };
      }
    } catch (error) {
      fault = ProxyError.from(error);
      peer.failed(fault.reason, now);
    }
  }
  if (fault !== undefined) throw fault;
}
