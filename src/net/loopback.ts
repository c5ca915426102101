/** Addresses that lead to this host and to no other (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
import { type IpAddress, parseNetwork } from './ip.ts';
import { PrefixSet } from './prefix-set.ts';

const LOOPBACK = new PrefixSet(['127.0.0.0/8', '::1/128'].map(parseNetwork));

export function isLoopback(address: IpAddress): boolean {
  return LOOPBACK.has(address);
}
