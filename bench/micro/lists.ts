/** Long lists as policies of large companies have them, and what is looked up in them: the same in every run. */
import assert from 'node:assert/strict';
import { type DomainPattern, parseDomainPattern } from '#match/domains.ts';
import { type IpAddress, maskOf, type Network, parseIp, parseNetwork } from '#net/ip.ts';
import { random } from './chance.ts';

const PREFIX_LENGTHS = [12, 16, 18, 20, 22, 23, 24, 26, 28, 32];

export function randomIp(): IpAddress {
  const address = parseIp(`${random(224)}.${random(256)}.${random(256)}.${random(256)}`);
  assert(address !== undefined);
  return address;
}

function randomNetwork(): Network {
  const length = PREFIX_LENGTHS[random(PREFIX_LENGTHS.length)] ?? 32;
  const word = randomIp().w0 & maskOf(length);
  return parseNetwork(`${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}/${length}`);
}

export function randomNetworks(count: number): readonly Network[] {
  return Array.from({ length: count }, randomNetwork);
}

/** An address of which half are in one of `networks`. */
export function addressFor(index: number, networks: readonly Network[]): IpAddress {
  const within = index % 4 < 2 ? networks[random(networks.length)]?.address : undefined;
  return within ?? randomIp();
}

const listedName = (entry: number): string => `host${entry}.example${entry % 977}.com`;

/** Half of them are the name alone, half it and everything under it. */
export function domainPatterns(count: number): readonly DomainPattern[] {
  return Array.from({ length: count }, (_, entry) =>
    parseDomainPattern(`${entry % 2 === 1 ? '' : '.'}${listedName(entry)}`),
  );
}

/** A name; every second one is among {@link domainPatterns}, or below a name that is. */
export function hostFor(index: number, count: number): string {
  if (index % 2 === 1) return `www.${index}.example.org`;
  const entry = random(count);
  return entry % 2 === 1 ? listedName(entry) : `login.eu.${listedName(entry)}`;
}
