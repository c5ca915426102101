/**
 * Whether a policy would let anybody reach anything by a listener that others than this machine can connect to. It is asked what it
 * would say to a stranger: an address that it speaks of nowhere, who wants to a name and an address of which the same is true, at any
 * port, by any method and at any time that it does speak of. What it lets such a one do, it lets everybody do.
 */
import { decide } from '#acl/decide.ts';
import { compilePolicy, type Policy, type PolicyOptions } from '#acl/policy.ts';
import { compileStaticClients } from '#identity/static-clients.ts';
import type { AclOptions } from '#match/acl.ts';
import { parseDomainPattern } from '#match/domains.ts';
import type { Subject } from '#match/subject.ts';
import { type IpAddress, isLoopback, parseIp } from '#net/ip.ts';
import type { Config } from './config.ts';
import type { Flaw } from './problems.ts';
import { isAnybody, requestsOf } from './strangers.ts';

/** Instead of every list of domains: they may be long, and a stranger is in none. */
const NO_DOMAIN = [parseDomainPattern('nobody.weir-open-proxy-check')];
const EVERY_PORT = [{ first: 1, last: 65_535, text: '1-65535' }];

type Wanted = Pick<Config, 'policy' | 'listeners' | 'openProxy' | 'clients'>;

/** One flaw for each listener that makes an open proxy where the configuration does not say that it is to be one. */
export function openProxyFlaws({ policy, listeners, openProxy, clients }: Wanted, nowMs: number): Flaw[] {
  const exposed = listeners.filter(({ host }) => !isLoopback(parseIp(host) as IpAddress));
  if (openProxy || exposed.length === 0) return [];
  const identities = compileStaticClients(clients);
  return exposed.flatMap(({ name, proxyProtocol }): Flaw[] => {
    const policies = strangerPolicies(policy, isAnybody(proxyProtocol?.from ?? []));
    const rule = openingRule(policies, requestsOf(policy, { listener: name, nowMs, identities }));
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

/** `isBehindAnybody`: a stranger writes the PROXY header, and with it whatever address is asked for. */
function strangerPolicies(policy: PolicyOptions, isBehindAnybody: boolean): readonly Policy[] {
  const changes = [keepClaims, dropClaims];
  const more: Change[] = isBehindAnybody ? changes.map((change) => (acl) => dropSource(change(acl))) : [];
  return [...changes, ...more].map((change) => policyFor(policy, change));
}

function policyFor({ acls, access }: PolicyOptions, change: Change): Policy {
  const changed = Object.entries(acls).map(([name, acl]) => [name, withoutDomains(change(acl))]);
  return compilePolicy({ acls: Object.fromEntries(changed), access }, '');
}

function withoutDomains(acl: AclOptions): AclOptions {
  return acl.dstDomains === undefined ? acl : { ...acl, dstDomains: NO_DOMAIN };
}

/** A stranger who sends no fields, and a server name that nobody speaks of. */
function keepClaims(acl: AclOptions): AclOptions {
  return acl;
}

/** One who sends the fields and the server name that are asked for: an ACL of nothing else holds for everybody. */
function dropClaims({ headers, sni, ...acl }: AclOptions): AclOptions {
  return headers === undefined && sni === undefined ? acl : { ...acl, ports: acl.ports ?? EVERY_PORT };
}

function dropSource({ src, ...acl }: AclOptions): AclOptions {
  return src === undefined ? acl : { ...acl, ports: acl.ports ?? EVERY_PORT };
}
