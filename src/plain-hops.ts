/** Plain TCP between the tiers: who they are, and whom their clients ask for, is then open to the network, and believed of anybody. */
import type { Config } from '#config/config.ts';
import { type Host, parseHost } from '#net/host.ts';
import { isLoopback } from '#net/ip.ts';

/** One warning for each peer of ours, and each listener for hops of ours, that is reached over a network without TLS. */
export function plainHops({ peers, listeners, hop }: Config): string[] {
  const open = Object.values(peers).filter(
    (peer) => peer.hop && peer.tls === undefined && !isHere(peer.address.host),
  );
  const trusting = hop.trustFrom === undefined ? [] : listeners;
  const plain = trusting.filter(({ tls, host }) => tls === undefined && !isHere(hostOf(host)));
  return [
    ...open.map(
      ({ name, address }) =>
        `Peer "${name}" (${address.text}) is a hop of ours without TLS: give it tls: { ca, cert, key }`,
    ),
    ...plain.map(
      ({ name }) =>
        `Listener "${name}" believes hops of ours without TLS: give it tls: { cert, key, clientCa }`,
    ),
  ];
}

function hostOf(ip: string): Host {
  return parseHost(ip.includes(':') ? `[${ip}]` : ip);
}

function isHere({ text, address }: Host): boolean {
  return text === 'localhost' || (address !== undefined && isLoopback(address));
}
