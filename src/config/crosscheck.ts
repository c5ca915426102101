/**
 * What no single key shows: references that lead nowhere, rules that contradict themselves, addresses taken twice. Runs on
 * the raw value, so that it finds its flaws also in a file that the schema refuses.
 */
import { checkAddresses } from './crosscheck-addresses.ts';
import { checkAudit } from './crosscheck-audit.ts';
import { checkHop } from './crosscheck-hop.ts';
import { checkKubernetes } from './crosscheck-kubernetes.ts';
import { checkNames } from './crosscheck-names.ts';
import { checkPeers } from './crosscheck-peers.ts';
import { checkPolicy } from './crosscheck-policy.ts';
import { checkRedis } from './crosscheck-redis.ts';
import { checkTls } from './crosscheck-tls.ts';
import type { Outline } from './outline.ts';
import type { Flaw } from './problems.ts';

/** All flaws between the parts of a configuration. */
export function crosscheck(outline: Outline): Flaw[] {
  return [
    ...checkNames(outline),
    ...checkPolicy(outline),
    ...checkAddresses(outline),
    ...checkPeers(outline),
    ...checkHop(outline),
    ...checkKubernetes(outline),
    ...checkRedis(outline),
    ...checkTls(outline),
    ...checkAudit(outline),
  ];
}
