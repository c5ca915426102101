/** Where a plain HTTP request may go: to vetted addresses of the origin, or to the route's peers and their addresses, in the order to try. */
import { ProxyError, REASONS } from '#errors.ts';
import type { Racers } from '#net/race.ts';
import { peerAddresses } from '#peer/dial-peer.ts';
import { isUnreached } from '#peer/fault.ts';
import type { Peer } from '#peer/peer.ts';
import type { Selector } from '#peer/select.ts';
import { type Passage, vetDestination } from './admit.ts';
import { peerTools } from './peer-tools.ts';
import { type DirectTarget, NO_OTHERS, racersOf } from './racers.ts';
import type { Transaction } from './transaction.ts';

/** One next hop; of the origin any of the addresses, of a peer the one. */
export interface Hop extends Racers {
  readonly port: number;
  /** Address of this host to connect from; undefined: the system chooses. */
  readonly source: string | undefined;
  /** Undefined: the origin itself. */
  readonly peer: Peer | undefined;
  /** When the turn of its peer came, monotonic; 0: it has none. */
  readonly askedMs: number;
  /** Whether none comes behind it. */
  readonly isLast: boolean;
}

/**
 * The origin itself. At once where its addresses are known.
 * @throws {ProxyError} `name_prohibited`, `address_prohibited`, `destination_unroutable`, `dns_*`
 */
export function originHop(tx: Transaction, passage: Passage): Hop | Promise<Hop> {
  const { permit, route, vetted = vetDestination(tx, permit) } = passage;
  const { source } = route;
  return vetted instanceof Promise
    ? vetted.then((addresses) => hopTo(tx, { addresses, source }))
    : hopTo(tx, { addresses: vetted, source });
}

function hopTo(tx: Transaction, target: DirectTarget): Hop {
  const { address, others } = racersOf(tx, target);
  return {
    address,
    others,
    port: tx.port,
    source: target.source?.text,
    peer: undefined,
    askedMs: 0,
    isLast: true,
  };
}

/** @throws {ProxyError} `peer_*` where there is one whose name leads nowhere, after all others; the reason of the transaction's abort */
export async function* peerHops(tx: Transaction, selector: Selector): AsyncGenerator<Hop> {
  const { wheel } = tx.context.tools;
  let fault: ProxyError | undefined;
  const peers = selector.order(wheel.now(), tx);
  for (const peer of peers) {
    try {
      const addresses = await peerAddresses(peerTools(tx), peer.options);
      const askedMs = wheel.now();
      for (const ip of addresses) {
        const isLast = peer === peers.at(-1) && ip === addresses.at(-1);
        const { port } = peer.options.address;
        yield { address: ip.text, others: NO_OTHERS, port, source: undefined, peer, askedMs, isLast };
      }
    } catch (error) {
      // A client that left while a name was being resolved says nothing of the peer.
      tx.abort.check();
      fault = ProxyError.from(error);
      if (REASONS[fault.reason].retryable) peer.failed(fault.reason, wheel.now(), isUnreached(fault));
    }
  }
  if (fault !== undefined) throw fault;
}
