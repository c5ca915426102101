/**
 * Which of the vetted addresses of a target are dialled, and in which order: the winner of an earlier race first, not too many, and
 * only those that a route's own `sourceAddress` can reach.
 */
import type { VettedAddress } from '#acl/guard.ts';
import { ProxyError } from '#errors.ts';
import type { IpAddress } from '#net/ip.ts';
import type { Racers } from '#net/race.ts';
import type { Transaction } from './transaction.ts';

/** Where a direct route may lead. */
export interface DirectTarget {
  /** At least one. */
  readonly addresses: readonly VettedAddress[];
  /** The address of this host to connect from; undefined: the system chooses. */
  readonly source: IpAddress | undefined;
}

/** Addresses that one transaction may try: a name that leads to many must not make of one request as many connects. */
const MAX_ATTEMPTS = 16;

/** Who has nothing beside the first. */
export const NO_OTHERS: readonly string[] = Object.freeze([]);

/** @throws {ProxyError} `destination_unroutable` where none is within reach of the source address */
export function racersOf(tx: Transaction, { addresses, source }: DirectTarget): Racers {
  const reachable = reachableFrom(source, addresses);
  const order = tx.context.winners.order(tx.host.text, reachable);
  const address = (order[0] as VettedAddress).ip.text;
  if (order.length === 1) return { address, others: NO_OTHERS };
  return { address, others: order.slice(1, MAX_ATTEMPTS).map(({ ip }) => ip.text) };
}

/** IPv4 is not reached from IPv6, nor the other way. */
function reachableFrom(
  source: IpAddress | undefined,
  addresses: readonly VettedAddress[],
): readonly VettedAddress[] {
  if (source === undefined) return addresses;
  const reachable = addresses.filter(({ ip }) => ip.family === source.family);
  if (reachable.length > 0) return reachable;
  const detail = `No address of the target is IPv${source.family}, as sourceAddress ${source.text} is`;
  throw new ProxyError('destination_unroutable', { detail });
}
