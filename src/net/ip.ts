/**
 * IP addresses and networks as values: compared by their words, never by their text. An IPv4-mapped IPv6 address is the
 * IPv4 address (RFC 4291 section 2.5.5.2), so that one destination has one form for rules, guard, log and dial.
 */
import { formatIpv4, parseIpv4 } from './ipv4.ts';
import { formatIpv6, parseIpv6 } from './ipv6.ts';

/**
 * One address. Words are signed 32-bit, the first is the most significant; an IPv4 address has its only one in `w0`.
 * Made only here; not frozen, because freezing costs ten times what parsing does.
 */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  /** Canonical text; RFC 5952 for IPv6, without brackets. */
  readonly text: string;
}

/** All addresses that begin with the first `prefixLength` bits of `address`, whose other bits are zero. */
export interface Network {
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** Canonical text, always with its prefix length. */
  readonly text: string;
}

/** Reads a dotted quad or any form of RFC 4291 section 2.2, without brackets and without zone; else undefined. */
export function parseIp(text: string): IpAddress | undefined {
  const word = parseIpv4(text);
  if (word >= 0) return ipv4(word | 0, text);
  // What a dual-stack listener reports for an IPv4 client; not worth a trip through the IPv6 parser.
  if (text.startsWith('::ffff:')) {
    const mapped = parseIpv4(text.slice(7));
    if (mapped >= 0) return ipv4(mapped | 0, text.slice(7));
  }
  const groups = parseIpv6(text);
  return groups === undefined ? undefined : ofGroups(groups);
}

/** Reads an address as the system tells of it: one of a link names its interface behind a `%` (RFC 4007 section 11). */
export function parseSystemIp(text: string): IpAddress | undefined {
  const percent = text.indexOf('%');
  return parseIp(percent < 0 ? text : text.slice(0, percent));
}

function ipv4(word: number, text: string): IpAddress {
  return { family: 4, w0: word, w1: 0, w2: 0, w3: 0, text };
}

function ofGroups(groups: readonly number[]): IpAddress {
  const w0 = wordAt(groups, 0);
  const w1 = wordAt(groups, 2);
  const w2 = wordAt(groups, 4);
  const w3 = wordAt(groups, 6);
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) return ipv4(w3, formatIpv4(w3));
  return { family: 6, w0, w1, w2, w3, text: formatIpv6(groups) };
}

function wordAt(groups: readonly number[], index: number): number {
  return ((groups[index] as number) << 16) | (groups[index + 1] as number);
}

/** Whether both are the same address. */
export function isSameIp(a: IpAddress, b: IpAddress): boolean {
  return a.w0 === b.w0 && a.w1 === b.w1 && a.w2 === b.w2 && a.w3 === b.w3 && a.family === b.family;
}

/** Whether this is the unspecified address, which a listener means as "any" and a dial as this host. */
export function isUnspecified(address: IpAddress): boolean {
  return (address.w0 | address.w1 | address.w2 | address.w3) === 0;
}

/** Whether it leads to this host and to no other (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopback({ family, w0, w1, w2, w3 }: IpAddress): boolean {
  return family === 4 ? w0 >>> 24 === 127 : (w0 | w1 | w2) === 0 && w3 === 1;
}

/** Mask of one 32-bit word whose first `bits` bits count; all of them above 32, none below 1. */
export function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

const NETWORK = /^([^/]*)(?:\/(0|[1-9]\d{0,2}))?$/;

/**
 * Reads CIDR notation (RFC 4632) or a bare address, which is a network of one. A prefix length on an IPv4-mapped
 * address counts from the IPv6 address's beginning.
 * @throws {Error} naming the text and the fix
 */
export function parseNetwork(text: string): Network {
  const match = NETWORK.exec(text);
  const address = match === null ? undefined : parseIp(String(match[1]));
  if (address === undefined) {
    throw new Error(`Network "${text}" cannot be read, write an address or a range such as "10.0.0.0/8"`);
  }
  const width = address.family === 4 ? 32 : 128;
  const isMapped = address.family === 4 && text.includes(':');
  const prefixLength = Number(match?.[2] ?? (isMapped ? 128 : width)) - (isMapped ? 96 : 0);
  if (prefixLength > width) {
    throw new Error(`Network "${text}" has too long a prefix, write at most "${address.text}/${width}"`);
  }
  if (prefixLength < 0) {
    throw new Error(`Network "${text}" is wider than all IPv4 addresses, write "0.0.0.0/0" for those`);
  }
  return networkOf(text, address, prefixLength);
}

function networkOf(text: string, address: IpAddress, prefixLength: number): Network {
  const base = maskIp(address, prefixLength);
  const canonical = `${base.text}/${prefixLength}`;
  if (!isSameIp(base, address)) throw new Error(`Network "${text}" has host bits set, write "${canonical}"`);
  return Object.freeze({ address, prefixLength, text: canonical });
}

/** The network of so many bits that the address is in. */
export function networkAround(address: IpAddress, prefixLength: number): Network {
  const base = maskIp(address, prefixLength);
  return Object.freeze({ address: base, prefixLength, text: `${base.text}/${prefixLength}` });
}

/** The address with every bit after the prefix cleared. */
function maskIp(address: IpAddress, prefixLength: number): IpAddress {
  const w0 = address.w0 & maskOf(prefixLength);
  if (address.family === 4) return ipv4(w0, formatIpv4(w0));
  const w1 = address.w1 & maskOf(prefixLength - 32);
  const w2 = address.w2 & maskOf(prefixLength - 64);
  const w3 = address.w3 & maskOf(prefixLength - 96);
  return ofGroups([w0, w1, w2, w3].flatMap((word) => [word >>> 16, word & 0xffff]));
}

/**
 * The IPv4 address that packets to this IPv6 address may end up at: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056),
 * Teredo (RFC 4380), ISATAP (RFC 5214), IPv4-compatible (RFC 4291 section 2.5.5.1) and IPv4-translated (RFC 2765).
 * Of RFC 8215's range the last 32 bits are taken; shorter NAT64 prefixes inside it cannot be told apart.
 */
export function embeddedIpv4(address: IpAddress): IpAddress | undefined {
  const word = address.family === 6 ? embeddedWord(address) : undefined;
  return word === undefined ? undefined : ipv4(word, formatIpv4(word));
}

function embeddedWord({ w0, w1, w2, w3 }: IpAddress): number | undefined {
  if (w0 >>> 16 === 0x2002) return (w0 << 16) | (w1 >>> 16);
  if (w0 === 0x2001_0000) return ~w3;
  if (isNat64(w0, w1, w2)) return w3;
  // Interface identifier 0000:5efe or, with the universal bit set, 0200:5efe, under any prefix.
  if (w2 === 0x5efe || w2 === 0x0200_5efe) return w3;
  return w0 === 0 && w1 === 0 ? wordOfZeroPrefix(w2, w3) : undefined;
}

function isNat64(w0: number, w1: number, w2: number): boolean {
  if (w0 !== 0x0064_ff9b) return false;
  return (w1 === 0 && w2 === 0) || w1 >>> 16 === 1;
}

/** IPv4-translated `::ffff:0:a.b.c.d`, or IPv4-compatible `::a.b.c.d`, which `::` and `::1` are not. */
function wordOfZeroPrefix(w2: number, w3: number): number | undefined {
  if (w2 === (0xffff_0000 | 0)) return w3;
  return w2 === 0 && w3 >>> 1 !== 0 ? w3 : undefined;
}
