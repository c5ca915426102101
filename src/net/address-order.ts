/**
 * The order in which to try the addresses of a name: that of RFC 6724 section 6, then families in turn (RFC 8305 section 4). Source
 * addresses are chosen from those of this host by RFC 6724 section 5, which asks no system call for each address; what only the
 * system's routes would tell is left to the race.
 */
import { type IpAddress, maskOf } from './ip.ts';

/** An address of a name and what speaks for it, in the order of the rules. The greater wins. */
interface Ranked {
  readonly address: IpAddress;
  readonly merits: readonly number[];
}

/** RFC 6724 section 2.1, the longest prefix first: first words under a mask, precedence, label. Only `::1` takes more than one word. */
const POLICY: readonly (readonly [word: number, bits: number, precedence: number, label: number])[] = [
  [0x2001_0000, 32, 5, 5],
  [0x2002_0000, 16, 30, 2],
  [0x3ffe_0000, 16, 1, 12],
  [0xfec0_0000, 10, 1, 11],
  [0xfc00_0000, 7, 3, 13],
];
const LOOPBACK = { precedence: 50, label: 0 };
const IPV4 = { precedence: 35, label: 4 };
const ANY_IPV6 = { precedence: 40, label: 1 };

/** RFC 4007 and RFC 6724 section 3.1. */
const LINK_LOCAL = 2;
const SITE_LOCAL = 5;
const GLOBAL = 14;

/** The addresses of a name in the order in which to try them; `own` are those of this host. Equal ones keep their order. */
export function orderAddresses(
  addresses: readonly IpAddress[],
  own: readonly IpAddress[],
): readonly IpAddress[] {
  if (addresses.length < 2) return addresses;
  const ranked = addresses.map((address): Ranked => ({ address, merits: meritsOf(address, own) }));
  const sorted = ranked.sort(byMerit).map(({ address }) => address);
  return interleave(sorted);
}

function byMerit(a: Ranked, b: Ranked): number {
  const at = a.merits.findIndex((merit, index) => merit !== b.merits[index]);
  return at < 0 ? 0 : (b.merits[at] as number) - (a.merits[at] as number);
}

/** Of the rules those that can be told without the system's routes: 1, 2, 5, 6, 8; and 9 for IPv6, where alone it says something. */
function meritsOf(address: IpAddress, own: readonly IpAddress[]): readonly number[] {
  const source = sourceFor(address, own);
  const { precedence, label } = policyOf(address);
  const scope = scopeOf(address);
  return [
    Number(source !== undefined),
    Number(source !== undefined && scopeOf(source) === scope),
    Number(source !== undefined && policyOf(source).label === label),
    precedence,
    -scope,
    source === undefined || address.family === 4 ? 0 : commonBits(source, address),
  ];
}

/** The address of this host that a connection there would begin at, as far as it can be told; undefined: there is none. */
function sourceFor(to: IpAddress, own: readonly IpAddress[]): IpAddress | undefined {
  const fitting = own.filter((one) => one.family === to.family && isLoopback(one) === isLoopback(to));
  return fitting.reduce<IpAddress | undefined>(
    (best, one) => (best === undefined || isBetterSource(one, best, to) ? one : best),
    undefined,
  );
}

/** Rules 1, 2, 6 and 8 of section 5. */
function isBetterSource(one: IpAddress, best: IpAddress, to: IpAddress): boolean {
  const [scope, bestScope, wanted] = [scopeOf(one), scopeOf(best), scopeOf(to)];
  if (scope !== bestScope) return scope < bestScope ? scope >= wanted : bestScope < wanted;
  const { label } = policyOf(to);
  const [fits, bestFits] = [policyOf(one).label === label, policyOf(best).label === label];
  return fits === bestFits ? commonBits(one, to) > commonBits(best, to) : fits;
}

function policyOf(address: IpAddress): { readonly precedence: number; readonly label: number } {
  if (address.family === 4) return IPV4;
  if (isLoopback(address)) return LOOPBACK;
  for (const [word, bits, precedence, label] of POLICY) {
    if ((address.w0 & maskOf(bits)) === (word | 0)) return { precedence, label };
  }
  return ANY_IPV6;
}

function scopeOf(address: IpAddress): number {
  const { family, w0 } = address;
  if (isLoopback(address)) return LINK_LOCAL;
  if (family === 4) return w0 >>> 16 === 0xa9fe ? LINK_LOCAL : GLOBAL;
  if (w0 >>> 22 === 0x3fa) return LINK_LOCAL;
  return w0 >>> 22 === 0x3fb ? SITE_LOCAL : GLOBAL;
}

function isLoopback({ family, w0, w1, w2, w3 }: IpAddress): boolean {
  return family === 4 ? w0 >>> 24 === 127 : (w0 | w1 | w2) === 0 && w3 === 1;
}

/** How many bits at the beginning both have in common; of the source's prefix, which RFC 6724 asks for, at most 64. */
function commonBits(a: IpAddress, b: IpAddress): number {
  const first = Math.clz32(a.w0 ^ b.w0);
  return first < 32 ? first : 32 + Math.clz32(a.w1 ^ b.w1);
}

/** One of each family in turn, beginning with that of the first. */
function interleave(sorted: readonly IpAddress[]): readonly IpAddress[] {
  const family = sorted[0]?.family;
  const first = sorted.filter((address) => address.family === family);
  const second = sorted.filter((address) => address.family !== family);
  return Array.from({ length: Math.max(first.length, second.length) }, (_, i) => [first[i], second[i]])
    .flat()
    .filter((address) => address !== undefined);
}
