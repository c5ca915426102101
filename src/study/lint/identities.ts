/** What asks who runs clients, where nobody tells: it is unknown for all of them. */
import type { Config } from '#config/config.ts';
import { IDENTITY_KEYS, type IdentityKey } from '#match/client-keys.ts';
import type { Remark } from './finding.ts';

type Telling = Pick<Config, 'clients' | 'kubernetes' | 'hop' | 'policy' | 'limits'>;

const PER: readonly string[] = ['namespace', 'serviceAccount'];
const FIX =
  'Add kubernetes: { identity: true } in a cluster, identity.static elsewhere, or hop.trust.keyFiles behind a first tier';
const LABELS_FIX =
  'Add kubernetes: { identity: true } in a cluster, namespaceLabels to identity.static elsewhere, or judge them at the first tier';

/** Remarks about ACLs and limits that go by identities, where no client has any. */
export function lintIdentities(telling: Telling): Remark[] {
  const { policy, limits } = telling;
  const asking = Object.entries(policy.acls).flatMap(([acl, options]) =>
    IDENTITY_KEYS.filter((key) => options[key] !== undefined && !isTold(key, telling)).map((key) =>
      unknownIn(acl, key),
    ),
  );
  const isCounted = isTold('namespaces', telling);
  const counting = Object.values(limits).filter(({ per }) => !isCounted && PER.includes(per));
  return [...asking, ...counting.map(({ name, per }) => unknownBy(name, per))];
}

/** No hop tells labels of namespaces, and no table does by itself. */
function isTold(key: IdentityKey, { clients, kubernetes, hop }: Telling): boolean {
  if (kubernetes !== undefined) return true;
  if (key === 'namespaceLabels') return clients.some(({ namespaceLabels }) => namespaceLabels !== undefined);
  return clients.length > 0 || hop.verify !== undefined;
}

function unknownIn(acl: string, key: IdentityKey): Remark {
  const [what, fix] = key === 'namespaceLabels' ? ['which they are', LABELS_FIX] : ['who runs clients', FIX];
  return {
    code: 'unknown-identities',
    path: ['acls', acl, key],
    acl,
    message: `ACL "${acl}" asks for ${key}, but nobody tells ${what}: no rule allows by it, and every deny rule holds by it`,
    fix,
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
