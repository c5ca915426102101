/**
 * Whether a policy would let anybody reach anything by a listener that others than this machine can connect to. It is asked what it
 * would say to a stranger: an address that it speaks of nowhere, who wants to a name and an address of which the same is true, at any
 * port, by any method and at any time that it does speak of. What it lets such a one do, it lets everybody do.
 */
import { decide } from '#acl/decide.ts';
import { compilePolicy, type Policy, type PolicyOptions } from '#acl/policy.ts';
import type { AclOptions } from '#match/acl.ts';
import { parseDomainPattern } from '#match/domains.ts';
import type { Subject } from '#match/subject.ts';
import { parseHost } from '#net/host.ts';
import { type IpAddress, isLoopback, type Network, parseIp } from '#net/ip.ts';
import { PrefixSet } from '#net/prefix-set.ts';
import type { Config } from './config.ts';
import type { Flaw } from './problems.ts';

/** A network that is wider speaks of everybody, and not of somebody. */
const WIDE_BITS = 3;
/** Under a top-level domain that is none, so that no expression but one for all names finds it. */
const STRANGE_NAME = parseHost('stranger.weir-open-proxy-check');
/** Instead of every list of domains: they may be long, and a stranger is in none. */
const NO_DOMAIN = [parseDomainPattern('nobody.weir-open-proxy-check')];
const EVERY_PORT = [{ first: 1, last: 65_535, text: '1-65535' }];
const USUAL_PORTS = [443, 80];
const USUAL_METHODS = ['CONNECT', 'GET'];
const MAX_PORTS = 32;
const HALF_HOUR_MS = 1_800_000;
const HALF_HOURS_OF_WEEK = 336;

type Wanted = Pick<Config, 'policy' | 'listeners' | 'openProxy'>;

/** One flaw for each listener that makes an open proxy where the configuration does not say that it is to be one. */
export function openProxyFlaws({ policy, listeners, openProxy }: Wanted, nowMs: number): Flaw[] {
  const exposed = listeners.filter(({ host }) => !isLoopback(parseIp(host) as IpAddress));
  if (openProxy || exposed.length === 0) return [];
  const policies = [policyFor(policy, keepFields), policyFor(policy, dropFields)];
  return exposed.flatMap(({ name }): Flaw[] => {
    const rule = openingRule(policies, requestsOf(policy, { listener: name, nowMs }));
    if (rule === undefined) return [];
    const path = ['listeners', listeners.findIndex((one) => one.name === name), 'address'];
    const message = `Whoever can connect to listener "${name}" may reach any destination, by rule "${rule}": an open proxy`;
    const fix =
      'Narrow that rule, for example by src or dstDomains, or write openProxy: true where it is meant';
    return [{ path, at: 'value', message, fix }];
  });
}

/** Name of the rule that lets a stranger pass; undefined: none does. */
function openingRule(policies: readonly Policy[], requests: Iterable<Subject>): string | undefined {
  for (const request of requests) {
    for (const policy of policies) {
      const decision = decide(policy, request);
      if (decision.verdict === 'allow') return decision.rule.name;
    }
  }
  return undefined;
}

type Change = (acl: AclOptions) => AclOptions;

function policyFor({ acls, access }: PolicyOptions, change: Change): Policy {
  const changed = Object.entries(acls).map(([name, acl]) => [name, withoutDomains(change(acl))]);
  return compilePolicy({ acls: Object.fromEntries(changed), access }, '');
}

function withoutDomains(acl: AclOptions): AclOptions {
  return acl.dstDomains === undefined ? acl : { ...acl, dstDomains: NO_DOMAIN };
}

/** A stranger who sends no fields. */
function keepFields(acl: AclOptions): AclOptions {
  return acl;
}

/** One who sends whatever is asked for: of an ACL of nothing but fields everybody has what it wants. */
function dropFields({ headers, ...acl }: AclOptions): AclOptions {
  return headers === undefined ? acl : { ...acl, ports: acl.ports ?? EVERY_PORT };
}

/** What strangers may ask for: the name leads to an address that nobody speaks of. */
function* requestsOf(
  { acls }: PolicyOptions,
  { listener, nowMs }: { readonly listener: string; readonly nowMs: number },
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
      for (const pair of ends) yield request({ listener, timeMs, ...kind, ...pair });
    }
  }
}

type Asked = Pick<Subject, 'listener' | 'clientAddress' | 'destination' | 'port' | 'method' | 'timeMs'>;

function request(asked: Asked): Subject {
  const isTunnel = asked.method === 'CONNECT';
  return {
    ...asked,
    host: STRANGE_NAME,
    requestUrl: isTunnel ? undefined : `http://${STRANGE_NAME.text}:${asked.port}/`,
    headers: [],
    user: undefined,
    identity: undefined,
    clientCert: undefined,
    sni: undefined,
  };
}

/** One public address of each family that none of the networks has, but for those that have nearly all. */
function strangersTo(networks: readonly Network[]): readonly IpAddress[] {
  const spokenOf = new PrefixSet(networks.filter(({ prefixLength }) => prefixLength > WIDE_BITS));
  return [IPV4, IPV6].map(
    (addresses) => addresses.find((address) => !spokenOf.has(address)) ?? (addresses[0] as IpAddress),
  );
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
