/** Addresses of both families on one line of numbers, IPv4 first. */
import { type IpAddress, type Network, parseIp } from '#net/ip.ts';
import { bitOf, type Partition } from './partition.ts';
import { type Line, partitionLine, type Span } from './spans.ts';

const V6 = 1n << 32n;
/** IPv4-mapped addresses are IPv4 addresses here and everywhere, so this part of IPv6 is empty. */
const MAPPED: Span = { first: V6 + 0xffff_0000_0000n, last: V6 + 0xffff_ffff_ffffn };

const EVERY_ADDRESS: readonly Span[] = [
  { first: 0n, last: V6 - 1n },
  { first: V6, last: MAPPED.first - 1n },
  { first: MAPPED.last + 1n, last: V6 + (1n << 128n) - 1n },
];

/** Classes of addresses; `lists` are the matchers, `preferred` the addresses that make the best samples. */
export function partitionAddresses(
  lists: readonly (readonly Network[])[],
  preferred: readonly string[],
): Partition<IpAddress> {
  const line: Line = { spans: EVERY_ADDRESS, preferred: preferred.map((text) => numberOf(addressIn(text))) };
  const { samples, holds } = partitionLine(
    line,
    lists.map((networks) => networks.map(spanOf)),
  );
  return { samples: samples.map(addressOf), holds };
}

/** The addresses of a network, as numbers on the line. */
export function spanOf({ address, prefixLength }: Network): Span {
  const first = numberOf(address);
  return { first, last: first + bitOf((address.family === 4 ? 32 : 128) - prefixLength) - 1n };
}

function numberOf({ family, w0, w1, w2, w3 }: IpAddress): bigint {
  if (family === 4) return BigInt(w0 >>> 0);
  return V6 + [w0, w1, w2, w3].reduce((number, word) => (number << 32n) | BigInt(word >>> 0), 0n);
}

function addressOf(number: bigint): IpAddress {
  if (number < V6) return addressIn([24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 0xffn).join('.'));
  const digits = (number - V6).toString(16).padStart(32, '0');
  return addressIn(digits.replaceAll(/.{4}(?!$)/g, '$&:'));
}

function addressIn(text: string): IpAddress {
  return parseIp(text) as IpAddress;
}
