import t from 'tap';
import type { AclOptions } from '#match/acl.ts';
import { lintUsers } from '#study/lint/users.ts';

function told(acls: Readonly<Record<string, AclOptions>>, ...names: readonly string[]) {
  const users = names.map((name) => ({ name, hash: '' }));
  return lintUsers({ policy: { acls, access: [] }, auth: { users } });
}

t.test('lintUsers() finds users whom the users file does not have, with their places', async (t) => {
  const found = told(
    { pods: { ports: [] }, staff: { users: ['alice', 'mallory', 'bob'] } },
    'alice',
    'carol',
  );
  t.match(found, [
    { code: 'unknown-user', acl: 'staff', path: ['acls', 'staff', 'users', 1] },
    { path: ['acls', 'staff', 'users', 2] },
  ]);
  t.equal(found[0]?.fix, 'Remove it, or add the line that "weir passwd mallory" prints');
});

t.test('lintUsers() offers the name that is meant', async (t) => {
  const [remark] = told({ staff: { users: ['alcie'] } }, 'alice');
  t.equal(remark?.message, 'User "alcie" of ACL "staff" is not in auth.usersFile, so that nobody can be it');
  t.equal(remark?.fix, 'Write "alice", or add the line that "weir passwd alcie" prints');
});

t.test('lintUsers() takes the star for nobody in particular, and never offers it', async (t) => {
  t.same(told({ staff: { users: ['*', 'a'] } }, 'a'), []);
  t.match(told({ staff: { users: ['b'] } }), [{ fix: /^Remove it/ }]);
  t.same(lintUsers({ policy: { acls: { any: { users: ['*'] } }, access: [] }, auth: undefined }), []);
});
