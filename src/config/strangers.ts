/**
 * What a stranger may ask for by a listener, tried out on a policy: from an address that it speaks of nowhere, for a name and an address
 * of which the same is true, at any port, by any method and at any time that it does speak of.
 */
import type { PolicyOptions } from '#acl/policy.ts';
import type { StaticClients } from '#identity/static-clients.ts';
import type { Subject } from '#match/subject.ts';
import { parseHost } from '#net/host.ts';
import { type IpAddress, type Network, parseIp } from '#net/ip.ts';
import { PrefixSet } from '#net/prefix-set.ts';

/** A network that is wider speaks of everybody, and not of somebody. */
const WIDE_BITS = 3;
/** Under a top-level domain that is none, so that no expression but one for all names finds it. */
const STRANGE_NAME = parseHost('stranger.weir-open-proxy-check');
const USUAL_PORTS = [443, 80];
const USUAL_METHODS = ['CONNECT', 'GET'];
const MAX_PORTS = 32;
const HALF_HOUR_MS = 1_800_000;
const HALF_HOURS_OF_WEEK = 336;

interface Around {
  readonly listener: string;
  readonly nowMs: number;
  /** Who clients are by their address. */
  readonly identities: StaticClients | undefined;
}

/** What strangers may ask for: the name leads to an address that nobody speaks of. */
export function* requestsOf(
  { acls }: PolicyOptions,
  { listener, nowMs, identities }: Around,
): Iterable<Subject> {
  const all = Object.values(acls);
  const sources = strangersTo(all.flatMap(({ src = [] }) => src));
  const destinations = strangersTo(all.flatMap(({ dst = [] }) => dst));
  const ports = distinct([
    ...USUAL_PORTS,
    ...all.flatMap((acl) => (acl.ports ?? []).map(({ first }) => first)),
  ]);
  const methods = distinct([...USUAL_METHODS, ...all.flatMap((acl) => acl.methods ?? [])]);
  const times = all.some(({ time }) => time !== undefined) ? HALF_HOURS_OF_WEEK : 1;
  const ends = sources.flatMap((clientAddress) =>
    destinations.map((destination) => ({ clientAddress, destination })),
  );
  const kinds = ports.slice(0, MAX_PORTS).flatMap((port) => methods.map((method) => ({ port, method })));
  for (const kind of kinds) {
    for (let time = 0; time < times; time += 1) {
      const timeMs = nowMs + time * HALF_HOUR_MS;
      for (const pair of ends) {
        const identity = identities?.identityOf(pair.clientAddress);
        yield request({ listener, timeMs, identity, ...kind, ...pair });
      }
    }
  }
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

/** One public address of each family that none of the networks has, but for those that have nearly all. */
function strangersTo(networks: readonly Network[]): readonly IpAddress[] {
  const spokenOf = new PrefixSet(networks.filter((network) => !isWide(network)));
  return [IPV4, IPV6].map(
    (addresses) => addresses.find((address) => !spokenOf.has(address)) ?? (addresses[0] as IpAddress),
  );
}

function isWide({ prefixLength }: Network): boolean {
  return prefixLength <= WIDE_BITS;
}

/** Whether these networks are nearly all of the addresses. */
export function isAnybody(networks: readonly Network[]): boolean {
  return networks.some(isWide);
}

/** Public addresses far from each other. */
const IPV4 = addresses((at) => `${at + 11}.${at + 100}.113.37`);
const IPV6 = addresses((at) => `2a${(at + 16).toString(16)}:1234:5678::37`);

function addresses(textOf: (at: number) => string): readonly IpAddress[] {
  return Array.from({ length: 80 }, (_, at) => parseIp(textOf(at)) as IpAddress);
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
