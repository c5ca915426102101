/**
 * Addresses and names that no public service has: the IANA special-purpose registries (RFC 6890), multicast, deprecated
 * ranges, forms that carry an IPv4 address, and what clouds use for metadata. A table, and nothing else.
 */
import { type Network, parseNetwork } from '#net/ip.ts';

/** A range, what it is for, and who says so. */
export interface SpecialRange extends Network {
  readonly why: string;
}

const ROWS = [
  ['0.0.0.0/8', 'this network, RFC 791'],
  ['10.0.0.0/8', 'private use, RFC 1918'],
  ['100.64.0.0/10', 'shared address space, RFC 6598'],
  ['127.0.0.0/8', 'loopback, RFC 1122'],
  // With the metadata servers of most clouds, 169.254.169.254.
  ['169.254.0.0/16', 'link-local, RFC 3927'],
  ['172.16.0.0/12', 'private use, RFC 1918'],
  ['192.0.0.0/24', 'IETF protocol assignments, RFC 6890'],
  ['192.0.2.0/24', 'documentation, RFC 5737'],
  ['192.88.99.0/24', '6to4 relay anycast, RFC 7526'],
  ['192.168.0.0/16', 'private use, RFC 1918'],
  ['198.18.0.0/15', 'benchmarking, RFC 2544'],
  ['198.51.100.0/24', 'documentation, RFC 5737'],
  ['203.0.113.0/24', 'documentation, RFC 5737'],
  ['224.0.0.0/4', 'multicast, RFC 5771'],
  ['240.0.0.0/4', 'reserved, RFC 1112'],
  ['255.255.255.255/32', 'limited broadcast, RFC 919'],
  // IPv4-mapped addresses have no row: they are IPv4 addresses from the moment they are read.
  ['::/128', 'unspecified, RFC 4291'],
  ['::1/128', 'loopback, RFC 4291'],
  ['::/96', 'IPv4-compatible, RFC 4291'],
  ['::ffff:0:0:0/96', 'IPv4-translated, RFC 2765'],
  ['64:ff9b::/96', 'IPv4 behind NAT64, RFC 6052'],
  ['64:ff9b:1::/48', 'IPv4 behind local NAT64, RFC 8215'],
  ['100::/64', 'discard only, RFC 6666'],
  ['100:0:0:1::/64', 'dummy prefix, RFC 9780'],
  ['2001::/23', 'IETF protocol assignments, RFC 2928'],
  ['2001::/32', 'IPv4 behind Teredo, RFC 4380'],
  ['2001:db8::/32', 'documentation, RFC 3849'],
  ['2002::/16', 'IPv4 behind 6to4, RFC 3056'],
  ['3fff::/20', 'documentation, RFC 9637'],
  ['5f00::/16', 'segment routing, RFC 9602'],
  // With Google's metadata server, fd20:ce::254.
  ['fc00::/7', 'unique local, RFC 4193'],
  ['fe80::/10', 'link-local, RFC 4291'],
  ['fec0::/10', 'site-local, RFC 3879'],
  ['ff00::/8', 'multicast, RFC 4291'],
] as const;

/** Every special-purpose range. */
export const SPECIAL_RANGES: readonly SpecialRange[] = Object.freeze(
  ROWS.map(([text, why]) => Object.freeze({ ...parseNetwork(text), why })),
);

/** Names that are special, each with everything under it. */
export const SPECIAL_NAMES: readonly string[] = Object.freeze([
  // RFC 6761, RFC 6762, RFC 7686, RFC 8375; `internal` by decision of ICANN (2024-07-29).
  // `local` holds Kubernetes services too, where the cluster has its default domain.
  'localhost',
  'local',
  'invalid',
  'test',
  'onion',
  'home.arpa',
  'internal',
  // Metadata servers of clouds, beside metadata.google.internal.
  'metadata',
  'metadata.goog',
  'instance-data',
]);
