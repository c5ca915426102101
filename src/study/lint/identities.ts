/** What asks who runs clients, where nobody tells: it is unknown for all of them. */
import type { Config } from '#config/config.ts';
import type { Remark } from './finding.ts';

type Telling = Pick<Config, 'clients' | 'kubernetes' | 'hop' | 'policy' | 'limits'>;

const KEYS = ['namespaces', 'serviceAccounts', 'podLabels'] as const;
const PER: readonly string[] = ['namespace', 'serviceAccount'];
const FIX =
  'Add kubernetes: { identity: true } in a cluster, identity.static elsewhere, or hop.trust.keyFiles behind a first tier';

/** Remarks about ACLs and limits that go by identities, where no client has any. */
export function lintIdentities({ clients, kubernetes, hop, policy, limits }: Telling): Remark[] {
  if (clients.length > 0 || kubernetes !== undefined || hop.verify !== undefined) return [];
  const asking = Object.entries(policy.acls).flatMap(([acl, options]) =>
    KEYS.filter((key) => options[key] !== undefined).map((key) => unknownIn(acl, key)),
  );
  const counting = Object.values(limits).filter(({ per }) => PER.includes(per));
  return [...asking, ...counting.map(({ name, per }) => unknownBy(name, per))];
}

function unknownIn(acl: string, key: string): Remark {
  return {
    code: 'unknown-identities',
    path: ['acls', acl, key],
    acl,
    message: `ACL "${acl}" asks for ${key}, but nobody tells who runs clients: no rule allows by it, and every deny rule holds by it`,
    fix: FIX,
  };
}

function unknownBy(limit: string, per: string): Remark {
  return {
    code: 'unknown-identities',
    path: ['limits', limit, 'per'],
    message: `Limit "${limit}" counts per ${per}, but nobody tells who runs clients: it counts them all together`,
    fix: FIX,
  };
}
