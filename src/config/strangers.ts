/**
 * What a stranger may ask for by a listener, tried out on a policy: from an address that it speaks of nowhere, for a name and an address
 * of which the same is true, at any port, by any method and at any time that it does speak of.
 */
import type { PolicyOptions } from '#acl/policy.ts';
import { compileStaticClients, type StaticClient } from '#identity/static-clients.ts';
import type { AclOptions } from '#match/acl.ts';
import type { Subject } from '#match/subject.ts';
import { parseHost } from '#net/host.ts';
import { type IpAddress, type Network, parseIp } from '#net/ip.ts';
import { PrefixSet } from '#net/prefix-set.ts';

/** A network that is wider speaks of everybody, and not of somebody. */
const WIDE_BITS = 3;
/** Where so many places are all spoken of, it is by networks that hold nearly all together. */
const MANY = 80;
/** Under a top-level domain that is none, so that no expression but one for all names finds it. */
export const STRANGE_NAME = parseHost('stranger.weir-open-proxy-check');
const USUAL_PORTS = [443, 80];
const USUAL_METHODS = ['CONNECT', 'GET'];
const MAX_PORTS = 32;
const HALF_HOUR_MS = 1_800_000;
const HALF_HOURS_OF_WEEK = 336;

interface Around {
  readonly listener: string;
  readonly nowMs: number;
  /** Who clients are by their address: even a stranger is somebody where that is said of everybody. */
  readonly clients: readonly StaticClient[];
}

/** What strangers may ask for: the name leads to an address that nobody speaks of. */
export function* requestsOf(
  { acls }: PolicyOptions,
  { listener, nowMs, clients }: Around,
): Iterable<Subject> {
  const all = Object.values(acls);
  const known = clients.map(({ network }) => network);
  const sources = strangersTo([...all.flatMap(({ src = [] }) => src), ...known]);
  const destinations = strangersTo(all.flatMap(({ dst = [] }) => dst));
  const identities = compileStaticClients(clients);
  const times = all.some(({ time }) => time !== undefined) ? HALF_HOURS_OF_WEEK : 1;
  const ends = sources.flatMap((clientAddress) =>
    destinations.map((destination) => ({ clientAddress, destination })),
  );
  for (const kind of kindsOf(all)) {
    for (let time = 0; time < times; time += 1) {
      const timeMs = nowMs + time * HALF_HOUR_MS;
      for (const pair of ends) {
        const identity = identities?.identityOf(pair.clientAddress);
        yield request({ listener, timeMs, identity, ...kind, ...pair });
      }
    }
  }
}

function kindsOf(all: readonly AclOptions[]): readonly Pick<Subject, 'port' | 'method'>[] {
  const firsts = all.flatMap(({ ports = [] }) => ports.map(({ first }) => first));
  const ports = distinct([...USUAL_PORTS, ...firsts]).slice(0, MAX_PORTS);
  const methods = distinct([...USUAL_METHODS, ...all.flatMap((acl) => acl.methods ?? [])]);
  return ports.flatMap((port) => methods.map((method) => ({ port, method })));
}

type Asked = Pick<
  Subject,
  'listener' | 'clientAddress' | 'identity' | 'destination' | 'port' | 'method' | 'timeMs'
>;

function request(asked: Asked): Subject {
  const isTunnel = asked.method === 'CONNECT';
  return {
    ...asked,
    host: STRANGE_NAME,
    requestUrl: isTunnel ? undefined : `http://${STRANGE_NAME.text}:${asked.port}/`,
    headers: [],
    user: undefined,
    clientCert: undefined,
    sni: isTunnel ? STRANGE_NAME : undefined,
  };
}

/**
 * One public address of each family that none of the networks has, but for those that hold nearly all, or a large part of all, and one
 * in each of these. Where there is none such, one that stands for all.
 */
function strangersTo(networks: readonly Network[]): readonly IpAddress[] {
  const spokenOf = new PrefixSet(networks.filter((network) => !isWide(network)));
  const strangerAmong = (places: readonly IpAddress[]): readonly IpAddress[] =>
    places.length === 0 ? [] : [places.find((place) => !spokenOf.has(place)) ?? (places[0] as IpAddress)];
  const wide = new Map(networks.filter(isWide).map((network) => [network.text, network]));
  const places = [IPV4.slice(0, MANY), IPV6, ...[...wide.values()].map(placesIn)];
  return distinct(places.flatMap(strangerAmong));
}

function isWide({ prefixLength }: Network): boolean {
  return prefixLength <= WIDE_BITS;
}

function placesIn(network: Network): readonly IpAddress[] {
  const set = new PrefixSet([network]);
  return [...IPV4, ...IPV6].filter((place) => set.has(place));
}

/** Whether strangers are among those that the networks hold. */
export function isAnybody(networks: readonly Network[]): boolean {
  const all = new PrefixSet(networks);
  return strangersTo(networks).some((address) => all.has(address));
}

/** Public addresses far from each other. */
const IPV4 = addresses(11, 223, (first) => `${first}.200.113.37`).filter(({ w0 }) => w0 >>> 24 !== 127);
const IPV6 = addresses(0x10, 0x10 + MANY, (second) => `2a${second.toString(16)}:1234:5678::37`);

function addresses(from: number, end: number, textOf: (at: number) => string): readonly IpAddress[] {
  return Array.from({ length: end - from }, (_, at) => parseIp(textOf(from + at)) as IpAddress);
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
