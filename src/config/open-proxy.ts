/**
 * Whether a policy would let anybody reach anything by a listener that others than this machine can connect to. It is asked what it
 * would say to a stranger (strangers.ts), who says what suits him (pretences.ts). What it lets such a one do, it lets everybody do.
 */
import { decide } from '#acl/decide.ts';
import type { PolicyOptions } from '#acl/policy.ts';
import type { Rule } from '#acl/rule.ts';
import { IDENTITY_KEYS } from '#match/client-keys.ts';
import type { Subject } from '#match/subject.ts';
import { type IpAddress, isLoopback, parseIp } from '#net/ip.ts';
import type { Config, ListenerOptions } from './config.ts';
import { type Pretence, pretencesTo, type Words } from './pretences.ts';
import type { Flaw } from './problems.ts';
import { isAnybody, requestsOf } from './strangers.ts';

/** Keys of an ACL that go by the address of the client. */
const BY_ADDRESS = ['src', ...IDENTITY_KEYS] as const;

type Wanted = Pick<Config, 'policy' | 'listeners' | 'openProxy' | 'clients' | 'kubernetes'>;

/** One flaw for each listener that makes an open proxy where the configuration does not say that it is to be one. */
export function openProxyFlaws(config: Wanted, nowMs: number): Flaw[] {
  const { policy, listeners, openProxy, clients } = config;
  const exposed = listeners.filter(({ host }) => !isLoopback(parseIp(host) as IpAddress));
  if (openProxy || exposed.length === 0) return [];
  return exposed.flatMap((listener): Flaw[] => {
    const { name } = listener;
    const pretences = pretencesTo(policy, claimedAt(listener, config));
    const opening = openingIn(pretences, requestsOf(policy, { listener: name, nowMs, clients }));
    if (opening === undefined) return [];
    const path = ['listeners', listeners.findIndex((one) => one.name === name), 'address'];
    const message = `Listener "${name}" is an open proxy: ${told(opening, policy)}`;
    const fix =
      'Narrow that rule, for example by src or dstDomains, or write openProxy: true where it is meant';
    return [{ path, at: 'value', message, fix }];
  });
}

/** Where anybody may write a PROXY header, everybody has any address, and is whoever has that. */
function claimedAt(
  { proxyProtocol }: ListenerOptions,
  { clients, kubernetes }: Wanted,
): readonly (typeof BY_ADDRESS)[number][] {
  if (!isAnybody(proxyProtocol?.from ?? [])) return [];
  return clients.length > 0 || kubernetes !== undefined ? BY_ADDRESS : ['src'];
}

/** How a stranger passes. */
interface Opening {
  readonly rule: Rule;
  readonly request: Subject;
  readonly words: Words;
}

/** Undefined: no stranger passes. */
function openingIn(pretences: readonly Pretence[], requests: Iterable<Subject>): Opening | undefined {
  for (const request of requests) {
    for (const { policy, namesAnother, words } of pretences) {
      const decision = decide(policy, request);
      if (decision.verdict !== 'allow' || (namesAnother && decision.rule.sni === 'verify')) continue;
      return { rule: decision.rule, request, words };
    }
  }
  return undefined;
}

/** No more than was found: of other ports, methods and times nothing is said. */
function told({ rule, request, words }: Opening, { acls, access }: PolicyOptions): string {
  const { clientAddress, method, port, timeMs } = request;
  const isTimed = Object.values(acls).some(({ time }) => time !== undefined);
  const when = isTimed ? ` at ${new Date(timeMs).toISOString().replace('.000Z', 'Z')}` : '';
  const asked = access.slice(0, rule.index + 1).flatMap(({ allow = [], deny = [] }) => [...allow, ...deny]);
  const claims = [...words]
    .filter(([acl]) => asked.includes(acl) || asked.includes(`!${acl}`))
    .flatMap(([acl, keys]) => keys.map((key) => `${key} of ACL "${acl}"`));
  const saying = claims.length === 0 ? '' : `, where they claim ${claims.join(' and ')}`;
  return `rule "${rule.name}" lets strangers, such as ${clientAddress.text}, reach hosts that no rule names by ${method} to port ${port}${when}${saying}`;
}
