/** What a route's own `sourceAddress` leaves of the addresses that a name leads to: IPv4 is not reached from IPv6, nor the other way. */
import type { VettedAddress } from '#acl/guard.ts';
import { ProxyError } from '#errors.ts';
import type { IpAddress } from '#net/ip.ts';

/** All where there is none. @throws {ProxyError} `destination_unroutable` where that is nothing */
export function reachableFrom(
  source: IpAddress | undefined,
  addresses: readonly VettedAddress[],
): readonly VettedAddress[] {
  if (source === undefined) return addresses;
  const reachable = addresses.filter(({ ip }) => ip.family === source.family);
  if (reachable.length > 0) return reachable;
  const detail = `No address of the target is IPv${source.family}, as sourceAddress ${source.text} is`;
  throw new ProxyError('destination_unroutable', { detail });
}
