import t from 'tap';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

const USERS: Readonly<Record<string, readonly [values: string, users: readonly string[] | undefined]>> = {
  'REQUIRED is any': ['REQUIRED', ['*']],
  'names are names': ['alice bob', ['alice', 'bob']],
  'names in any case cannot be said': ['-i alice', undefined],
  'nor can they behind a name': ['alice -i bob', undefined],
  'nor names with a colon': ['a:b', undefined],
  'nor a user called *': ['*', undefined],
  'none is nobody': ['', undefined],
};

for (const [title, [values, users]] of Object.entries(USERS)) {
  t.test(`proxy_auth: ${title}`, async (t) => {
    const found = await imported(t, [
      `acl u proxy_auth ${values}`,
      'http_access allow u',
      'http_access deny all',
    ]);
    t.same(rulesOf(found), users === undefined ? ['deny all'] : ['allow u', 'deny all']);
    t.same(found.config.acls?.u, users && { users });
    t.same(found.config.auth, users && { usersFile: 'users.txt' });
    if (users !== undefined) t.match(toldOf(found, 1)[0], /^changed .*weir passwd NAME >> users\.txt/);
  });
}
