/**
 * Where a peer leads, as far as files tell: to a listener of a tier that requests have come through by then. An address is what the file
 * makes of a name; a name that only DNS knows is a tier's where that tier says so itself, by `hop.trust.audience`.
 */
import type { Config, ListenerOptions } from '#config/config.ts';
import { type IpAddress, isLoopback, parseIp } from '#net/ip.ts';
import { OwnPorts, ownPort } from '#net/own-ports.ts';
import type { PeerOptions } from '#peer/options.ts';
import { mayHavePort } from '../doors.ts';

/** A peer of the last tier of a way that leads to a listener of the first. */
export interface WayBack {
  readonly peer: PeerOptions;
  readonly listener: ListenerOptions;
  /** What makes the one the other, where that is more than its address. */
  readonly by: string | undefined;
}

type Tier = Pick<Config, 'listeners' | 'peers' | 'routes' | 'dns' | 'hop'>;

/** Address of a peer, and what of the file makes it that. */
interface Led {
  readonly address: IpAddress;
  readonly by?: string;
}

const LOOPBACK = ['127.0.0.1', '::1'].map((text) => parseIp(text) as IpAddress);

/** Of the last of these tiers to the first, one for each peer that a route names. One tier alone is both. */
export function waysBack(way: readonly [Tier, ...Tier[]]): WayBack[] {
  const [first] = way;
  const last = way.at(-1) as Tier;
  // Loopback is the first's where all of them are one host.
  const isOneHost = way.slice(1).every((next, index) => leadsHere(way[index] as Tier, next));
  return peersInUse(last).flatMap((peer) => {
    const back = first.listeners.flatMap((listener) => {
      const by = reasonFor(peer, { first, last, listener, isOneHost });
      return by === undefined ? [] : [{ peer, listener, by: by === '' ? undefined : by }];
    });
    return back.slice(0, 1);
  });
}

/** Those that some route names. */
export function peersInUse({ peers, routes }: Pick<Tier, 'peers' | 'routes'>): PeerOptions[] {
  const used = new Set(routes.flatMap((route) => route.peers));
  return Object.values(peers).filter(({ name }) => used.has(name));
}

interface Ends {
  readonly first: Tier;
  readonly last: Tier;
  readonly listener: ListenerOptions;
  readonly isOneHost: boolean;
}

/** Undefined: it does not lead there, or nobody can tell. Empty: by its address. */
function reasonFor(peer: PeerOptions, { first, last, listener, isOneHost }: Ends): string | undefined {
  const { port, text } = peer.address;
  const own = ownPortsOf(listener, first);
  const led = addressesOf(peer, last).find(
    ({ address }) => (isOneHost || !isLoopback(address)) && own.has(address, port),
  );
  if (led !== undefined) return led.by ?? '';
  const isNamed = first.hop.verify?.audience.includes(text) === true && mayHavePort(listener, port);
  return isNamed ? 'hop.trust.audience has that address' : undefined;
}

/** Whether a peer of the one is the other, on the same host. */
function leadsHere(tier: Tier, next: Tier): boolean {
  return peersInUse(tier).some((peer) =>
    next.listeners.some((listener) =>
      addressesOf(peer, tier).some(
        ({ address }) => isLoopback(address) && ownPortsOf(listener, next).has(address, peer.address.port),
      ),
    ),
  );
}

/** Other addresses that its tier listens on are of the same host. */
function ownPortsOf({ host, port }: ListenerOptions, { listeners }: Tier): OwnPorts {
  return new OwnPorts([ownPort(host, port)], new Set(listeners.map((one) => one.host)));
}

function addressesOf({ address: { host } }: PeerOptions, { dns }: Tier): Led[] {
  if (host.address !== undefined) return [{ address: host.address }];
  if (Object.hasOwn(dns.hosts, host.text)) {
    const led = dns.hosts[host.text] as readonly IpAddress[];
    return led.map((address) => ({ address, by: `dns.hosts makes "${host.text}" ${address.text}` }));
  }
  if (host.text !== 'localhost') return [];
  return LOOPBACK.map((address) => ({ address, by: '"localhost" is this host' }));
}
