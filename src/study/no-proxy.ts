/**
 * What is reached without the proxy, in the several languages of NO_PROXY. No two runtimes read it alike, so each entry is
 * written in the way that the runtime at hand understands, and what it cannot understand is left out and told.
 */
import { parseDomainPattern } from '#match/domains.ts';
import { type Network, parseIp, parseNetwork } from '#net/ip.ts';
import { formatIpv4 } from '#net/ipv4.ts';

/** A host, a domain or a network that needs no proxy. */
export type Exception =
  | { readonly kind: 'network'; readonly text: string; readonly network: Network }
  | {
      readonly kind: 'name';
      readonly text: string;
      readonly name: string;
      readonly itself: boolean;
      readonly below: boolean;
    };

export interface ExceptionList {
  readonly entries: readonly string[];
  /** Those that have no form in this language. */
  readonly leftOut: readonly string[];
}

/**
 * Reads an address, a network, `x.com` (the name alone), `.x.com` (with everything under it) or `*.x.com` (only that).
 * @throws {Error} naming the text and the fix
 */
export function parseException(text: string): Exception {
  if (text.includes('/') || parseIp(text) !== undefined) {
    const network = parseNetwork(text);
    return { kind: 'network', text: network.text, network };
  }
  const { reach, name, ...pattern } = parseDomainPattern(text);
  return { kind: 'name', text: pattern.text, name, itself: reach !== 'below', below: reach !== 'itself' };
}

/** The words of a list; `network` and `below` write what is more than one host. */
export function listExceptions(
  exceptions: readonly Exception[],
  network: (network: Network) => readonly string[],
  below = (name: string): string => `.${name}`,
): ExceptionList {
  const words = exceptions.map((exception) => ({ exception, words: wordsOf(exception, network, below) }));
  return {
    entries: [...new Set(words.flatMap(({ words }) => words))],
    leftOut: words.filter(({ words }) => words.length === 0).map(({ exception }) => exception.text),
  };
}

function wordsOf(
  exception: Exception,
  network: (network: Network) => readonly string[],
  below: (name: string) => string,
): readonly string[] {
  if (exception.kind === 'network') return network(exception.network);
  const { name } = exception;
  // Some take ".x" for x itself too, some do not: both words leave no doubt.
  return [...(exception.itself ? [name] : []), ...(exception.below ? [below(name)] : [])];
}

/** A single address without its prefix length, and CIDR notation for more. */
export function asCidr({ address, prefixLength, text }: Network): string[] {
  return [isSingle(address.family, prefixLength) ? address.text : text];
}

/** A single address, and nothing for more. */
export function asAddress({ address, prefixLength }: Network): string[] {
  return isSingle(address.family, prefixLength) ? [address.text] : [];
}

/** `first-last` for an IPv4 network, as Node reads it. */
export function asRange(network: Network): string[] {
  const { address, prefixLength } = network;
  if (address.family === 6 || prefixLength === 32) return asAddress(network);
  const last = address.w0 | (prefixLength === 0 ? -1 : 2 ** (32 - prefixLength) - 1);
  return [`${address.text}-${formatIpv4(last)}`];
}

/** Patterns with `*` at the end, as Java reads them: one for each value of the octet in which the prefix ends. */
export function asPatterns(network: Network): string[] {
  const { address, prefixLength } = network;
  if (address.family === 6) return asAddress(network).map((text) => `[${text}]`);
  if (prefixLength === 32) return [address.text];
  const whole = Math.floor(prefixLength / 8);
  const octets = address.text.split('.');
  const head = octets.slice(0, whole).map((octet) => `${octet}.`);
  if (prefixLength % 8 === 0) return [`${head.join('')}*`];
  const first = Number(octets[whole]);
  const count = 2 ** (8 - (prefixLength % 8));
  const tail = whole === 3 ? '' : '.*';
  return Array.from({ length: count }, (_, index) => `${head.join('')}${first + index}${tail}`);
}

function isSingle(family: 4 | 6, prefixLength: number): boolean {
  return prefixLength === (family === 4 ? 32 : 128);
}
