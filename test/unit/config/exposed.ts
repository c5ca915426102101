import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { exposedSecrets } from '#config/exposed.ts';

t.test('exposedSecrets() names files that anybody can read, once', async (t) => {
  const directory = t.testdir({ open: 'x', group: 'x', closed: 'x' });
  const [open, group, closed] = ['open', 'group', 'closed'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  chmodSync(open, 0o644);
  chmodSync(group, 0o640);
  chmodSync(closed, 0o600);
  t.same(await exposedSecrets({ secretFiles: [closed, group, open, open, join(directory, 'gone')] }), [
    `Everybody on this host can read the secrets in "${open}" (mode 644), use chmod o-r`,
  ]);
  t.same(await exposedSecrets({ secretFiles: [] }), []);
});
