/** Users that ACLs name and the users file does not: nobody can authenticate as one of them. */
import type { Config } from '#config/config.ts';
import { nearest } from '#config/nearest.ts';
import type { Remark } from './finding.ts';

/** In an ACL, every user that there is. */
const ANYONE = '*';

/** Remarks about the users of each ACL, in their order. That users are asked for without `auth` is no configuration. */
export function lintUsers({ policy, auth }: Pick<Config, 'policy' | 'auth'>): Remark[] {
  const known = new Set(auth?.users.map(({ name }) => name));
  return Object.entries(policy.acls).flatMap(([acl, { users = [] }]) =>
    users.flatMap((user, index) =>
      user === ANYONE || known.has(user) ? [] : [unknown(acl, { user, index, known })],
    ),
  );
}

interface Named {
  readonly user: string;
  /** Place in the list. */
  readonly index: number;
  readonly known: ReadonlySet<string>;
}

function unknown(acl: string, { user, index, known }: Named): Remark {
  const guess = nearest(user, known);
  const remedy = guess === undefined ? 'Remove it' : `Write "${guess}"`;
  return {
    code: 'unknown-user',
    path: ['acls', acl, 'users', index],
    acl,
    message: `User "${user}" of ACL "${acl}" is not in auth.usersFile, so that nobody can be it`,
    fix: `${remedy}, or add the line that "weir passwd ${user}" prints`,
  };
}
