/**
 * Whether a policy would let anybody reach anything by a listener that others than this machine can connect to. It is asked what it
 * would say to a stranger (strangers.ts), who says what suits him (pretences.ts). What it lets such a one do, it lets everybody do.
 */
import { decide } from '#acl/decide.ts';
import type { Subject } from '#match/subject.ts';
import { type IpAddress, isLoopback, parseIp } from '#net/ip.ts';
import type { Config, ListenerOptions } from './config.ts';
import { type Pretence, pretencesTo } from './pretences.ts';
import type { Flaw } from './problems.ts';
import { isAnybody, requestsOf } from './strangers.ts';

/** Keys of an ACL that go by the address of the client. */
const BY_ADDRESS = ['src', 'namespaces', 'serviceAccounts', 'podLabels', 'namespaceLabels'] as const;

type Wanted = Pick<Config, 'policy' | 'listeners' | 'openProxy' | 'clients' | 'kubernetes'>;

/** One flaw for each listener that makes an open proxy where the configuration does not say that it is to be one. */
export function openProxyFlaws(config: Wanted, nowMs: number): Flaw[] {
  const { policy, listeners, openProxy, clients } = config;
  const exposed = listeners.filter(({ host }) => !isLoopback(parseIp(host) as IpAddress));
  if (openProxy || exposed.length === 0) return [];
  return exposed.flatMap((listener): Flaw[] => {
    const { name } = listener;
    const pretences = pretencesTo(policy, claimedAt(listener, config));
    const rule = openingRule(pretences, requestsOf(policy, { listener: name, nowMs, clients }));
    if (rule === undefined) return [];
    const path = ['listeners', listeners.findIndex((one) => one.name === name), 'address'];
    const message = `Whoever can connect to listener "${name}" may reach any destination, by rule "${rule}": an open proxy`;
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

/** Name of the rule that lets a stranger pass; undefined: none does. */
function openingRule(pretences: readonly Pretence[], requests: Iterable<Subject>): string | undefined {
  for (const request of requests) {
    for (const { policy, namesAnother } of pretences) {
      const decision = decide(policy, request);
      if (decision.verdict !== 'allow' || (namesAnother && decision.rule.sni === 'verify')) continue;
      return decision.rule.name;
    }
  }
  return undefined;
}
