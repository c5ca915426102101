/**
 * What the client of a denied request is told, as the data path tells it (proxy/admit.ts). Where nobody resolves the name,
 * only what holds wherever it leads to is said.
 */
import { authoriseAddresses, type Denial, type Permit } from '#acl/permit.ts';
import { isForHost } from '#acl/server-name.ts';
import { ProxyError } from '#errors.ts';
import type { Subject } from '#match/subject.ts';
import { representatives } from './outcomes.ts';
import type { Tier } from './tier.ts';
import type { Trace } from './trace.ts';

export interface Denied {
  readonly tier: Tier;
  readonly subject: Subject;
  /** What the policy said; it waits for the address where every address leads to a denial. */
  readonly word: Permit | Denial | 'needs-address';
  readonly trace: Trace;
}

/** Undefined where that depends on the address. */
export function denialOf(denied: Denied): ProxyError | undefined {
  const { rule, outcomes } = denied.trace;
  const isAskedWho = wantsCredentials(denied);
  if (isAskedWho === undefined) return undefined;
  if (isAskedWho) return new ProxyError('credentials_wanted', { rule: rule?.name });
  if (rule !== undefined) return new ProxyError('rule_denied', { rule: rule.name });
  return outcomes.length > 1 ? undefined : new ProxyError('no_rule_matched');
}

/** Undefined where that depends on the address. */
function wantsCredentials({ tier, subject, word }: Denied): boolean | undefined {
  const { policy, config } = tier;
  if (config.auth === undefined) return false;
  if (word !== 'needs-address') return isWanting(word);
  const networks = Object.values(config.policy.acls).flatMap(({ dst }) => dst ?? []);
  const answers = new Set(
    representatives(networks).map((address) => isWanting(authoriseAddresses(policy, subject, [address]))),
  );
  return answers.size === 1 ? answers.has(true) : undefined;
}

function isWanting(word: Permit | Denial): boolean {
  return !word.granted && word.wantsCredentials;
}

/** Whether `sni: verify` of the rule that allows cuts the tunnel all the same. */
export function isMismatch({ rule }: Permit, { method, sni, host }: Subject): boolean {
  return rule.sni === 'verify' && method === 'CONNECT' && !isForHost(sni, host);
}
