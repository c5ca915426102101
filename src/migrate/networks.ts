/**
 * Addresses as `src` and `dst` of Squid have them: single ones, networks by prefix or by mask, ranges, and the words `all`,
 * `ipv4`, `ipv6`. Weir has networks only, so that a range becomes the fewest that make it up.
 */
import { formatIpv4, parseIpv4 } from '#net/ipv4.ts';
import { formatIpv6, parseIpv6 } from '#net/ipv6.ts';

/** Addresses from `first` to `last`, both included, as numbers. */
export interface AddressRange {
  readonly width: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

/** What one value means. */
export interface Addresses {
  readonly ranges: readonly AddressRange[];
  /** Squid warns of it: bits of the address that its mask takes away. */
  readonly isCut: boolean;
}

const EVERY_IPV4: AddressRange = { width: 32, first: 0n, last: (1n << 32n) - 1n };
const EVERY_IPV6: AddressRange = { width: 128, first: 0n, last: (1n << 128n) - 1n };

const WORDS: ReadonlyMap<string, readonly AddressRange[]> = new Map<string, readonly AddressRange[]>([
  ...['all', '0/0', '0.0.0.0/0', '0.0.0.0/0.0.0.0', '0.0.0.0-255.255.255.255'].map(
    (word) => [word, [EVERY_IPV4, EVERY_IPV6]] as const,
  ),
  ['ipv4', [EVERY_IPV4]] as const,
  ['ipv6', [{ ...EVERY_IPV6, first: 1n << 124n }]] as const,
]);

/** Whether the ranges are all addresses that there are. */
export function areAll(ranges: readonly AddressRange[]): boolean {
  return [EVERY_IPV4, EVERY_IPV6].every((every) => ranges.some((range) => contains(range, every)));
}

const VALUE = /^(?<first>[\da-f:.]+)(?:-(?<second>[\da-f:.]+))?(?:\/(?<mask>[\da-f:.]+))?$/i;

/** Reads one value; undefined where it is none, or a host name, which Squid would ask for when it starts. */
export function parseAddresses(text: string): Addresses | undefined {
  const word = WORDS.get(text.toLowerCase());
  if (word !== undefined) return { ranges: word, isCut: false };
  const { first = '', second = first, mask } = VALUE.exec(text)?.groups ?? {};
  const [from, to] = [numberOf(first), numberOf(second)];
  if (from === undefined || to === undefined || from.width !== to.width) return undefined;
  const hostBits = hostBitsOf(mask, from.width);
  if (hostBits === undefined) return undefined;
  const range = { width: from.width, first: from.value & ~hostBits, last: to.value | hostBits };
  const isCut = range.first !== from.value || (second !== first && (to.value & hostBits) !== 0n);
  return range.first > range.last ? undefined : { ranges: [range], isCut };
}

interface Written {
  readonly width: 32 | 128;
  readonly value: bigint;
}

function numberOf(text: string): Written | undefined {
  const word = parseIpv4(text);
  if (word >= 0) return { width: 32, value: BigInt(word) };
  const groups = parseIpv6(text);
  if (groups === undefined) return undefined;
  return { width: 128, value: groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n) };
}

/** The bits that a mask leaves to hosts, as ones; undefined where it is no mask. */
function hostBitsOf(mask: string | undefined, width: 32 | 128): bigint | undefined {
  if (mask === undefined) return 0n;
  if (/^\d{1,3}$/.test(mask)) {
    const prefix = BigInt(mask);
    return prefix > BigInt(width) ? undefined : (1n << (BigInt(width) - prefix)) - 1n;
  }
  const number = numberOf(mask);
  if (number === undefined || number.width !== width) return undefined;
  const hostBits = ~number.value & ((1n << BigInt(width)) - 1n);
  // Ones must stand together at the end, or it is no prefix.
  return (hostBits & (hostBits + 1n)) === 0n ? hostBits : undefined;
}

function contains(outer: AddressRange, inner: AddressRange): boolean {
  return outer.width === inner.width && outer.first <= inner.first && inner.last <= outer.last;
}

/** A value that stands for ranges. */
interface Ranged {
  readonly ranges: readonly AddressRange[];
}

/**
 * Sorts out what Squid 5 and 6 ignore: a value that overlaps one before it. What is within that one is no loss.
 * @returns those that count, and of the ignored ones those that reach further
 */
export function withoutOverlaps<T extends Ranged>(
  values: readonly T[],
): { counted: T[]; lost: { value: T; by: T }[] } {
  const counted: T[] = [];
  const lost: { value: T; by: T }[] = [];
  for (const value of values) {
    const by = counted.find((earlier) => collide(earlier, value));
    if (by === undefined) counted.push(value);
    else if (!isCovered(value, by)) lost.push({ value, by });
  }
  return { counted, lost };
}

function isCovered(inner: Ranged, outer: Ranged): boolean {
  return inner.ranges.every((range) => outer.ranges.some((one) => contains(one, range)));
}

/** As Squid's comparison of two entries: by where each begins. */
function collide(earlier: Ranged, later: Ranged): boolean {
  return earlier.ranges.some((one) =>
    later.ranges.some(
      (other) => one.width === other.width && (isWithin(other.first, one) || isWithin(one.first, other)),
    ),
  );
}

function isWithin(value: bigint, { first, last }: AddressRange): boolean {
  return value >= first && value <= last;
}

/** The fewest networks that make up a range, as Weir writes them. */
export function networksOf({ width, first, last }: AddressRange): string[] {
  const networks: string[] = [];
  let next = first;
  while (next <= last) {
    let bits = 0n;
    while (bits < width && isAligned(next, bits + 1n) && next + (1n << (bits + 1n)) - 1n <= last) bits += 1n;
    networks.push(`${addressText(next, width)}/${BigInt(width) - bits}`);
    next += 1n << bits;
  }
  return networks;
}

function isAligned(value: bigint, bits: bigint): boolean {
  return (value & ((1n << bits) - 1n)) === 0n;
}

function addressText(value: bigint, width: 32 | 128): string {
  if (width === 32) return formatIpv4(Number(value));
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn);
  return formatIpv6(groups.map(Number));
}
