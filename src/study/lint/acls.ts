/** ACLs that nothing uses, or that no request can match. */
import type { Config } from '#config/config.ts';
import { NOTHING } from '../space/regions.ts';
import type { Space } from '../space/space.ts';
import type { Remark } from './finding.ts';

/** Where ACLs are named. */
type AclUsers = Pick<Config, 'policy' | 'routes' | 'hop'>;

/** Remarks about ACLs as wholes, in their order. @throws {OverBudget} */
export function lintAcls(space: Space, config: AclUsers): Remark[] {
  const used = new Set(referencesIn(config));
  return Object.keys(config.policy.acls).flatMap((acl) => [
    ...(used.has(acl) ? [] : [unused(acl)]),
    ...(isPossible(space, acl) ? [] : [contradictory(acl)]),
  ]);
}

function* referencesIn({ policy, routes, hop }: AclUsers): Generator<string> {
  const lists = [
    ...policy.access.flatMap(({ allow = [], deny = [] }) => [allow, deny]),
    ...routes.map(({ when }) => when),
    hop.trustFrom ?? [],
  ];
  for (const reference of lists.flat()) yield reference.replace(/^!/, '');
}

function isPossible(space: Space, acl: string): boolean {
  return space.regions.and(space.possible, space.acl(0, acl).isTrue) !== NOTHING;
}

function unused(acl: string): Remark {
  const message = `ACL "${acl}" is used by no rule, no route and no trust`;
  return { code: 'unused-acl', path: ['acls', acl], acl, message, fix: 'Remove it, or use it' };
}

function contradictory(acl: string): Remark {
  return {
    code: 'contradictory-acl',
    path: ['acls', acl],
    acl,
    message: `ACL "${acl}" matches no request: its keys exclude each other`,
    fix: 'All keys of an ACL must match; give what is an alternative an ACL of its own',
  };
}
