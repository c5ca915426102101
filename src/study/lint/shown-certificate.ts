/** What tier 1's certificate says to tier 2, which is known from the files of both, put into the policy that is looked at. */
import type { PolicyOptions } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import type { AclOptions } from '#match/acl.ts';
import { namesShown } from '../hop-certificate.ts';
import { waysBetween } from './hop-way.ts';

const EVERY_PORT = [{ first: 1, last: 65_535, text: '1-65535' }];

/** Names of the certificate that tier 2 is shown; undefined: that is not plain. */
export function shownBy(first: Config, second: Config): ReadonlySet<string> | undefined {
  const peers = waysBetween(first, second).map(({ peer }) => peer);
  return namesShown(peers, second.listeners);
}

/** The policy, with what its ACLs ask of the certificate answered; as it is where that is not plain. */
export function asShown(policy: PolicyOptions, shown: ReadonlySet<string> | undefined): PolicyOptions {
  if (shown === undefined) return policy;
  const { acls, access } = policy;
  const told = Object.entries(acls).map(([name, acl]) => [name, withAnswer(acl, shown)]);
  return { acls: Object.fromEntries(told), access };
}

/** An ACL of no port holds for nothing, and one of all of them for everything. */
function withAnswer({ clientCerts, ...acl }: AclOptions, shown: ReadonlySet<string>): AclOptions {
  if (clientCerts === undefined) return acl;
  const isShown = clientCerts.some((name) => shown.has(name));
  return isShown ? { ...acl, ports: acl.ports ?? EVERY_PORT } : { ports: [] };
}
