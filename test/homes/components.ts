/** What components say at their top is to be written into weir.yaml: Weir takes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { K8S } from '../fixtures/manifests.ts';
import { weir } from '../fixtures/weir.ts';

t.setTimeout(120_000);

t.test('components/redis says a store that weir.yaml can have', async (t) => {
  const said = readFileSync(join(K8S, 'components/redis/kustomization.yaml'), 'utf8');
  const [, lines = ''] = /^# {3}store:\n((?:# {5,}.*\n)+)/m.exec(said) ?? [];
  const store = parse(lines.replaceAll(/^# {5}/gm, ''));
  t.match(store, { redis: { passwordFile: '/etc/weir-redis/password', caFile: '/etc/weir-redis/ca.crt' } });
  const config = { ...parse(readFileSync(join(K8S, 'base/weir.yaml'), 'utf8')) };
  const file = join(t.testdir({}), 'weir.yaml');
  writeFileSync(file, stringify({ ...config, limits: { ...config.limits, store } }));
  const checked = await weir('check', '--without-secrets', file);
  t.equal(checked.status, 0, checked.stdout + checked.stderr);
  t.match(checked.stderr, 'not read: /etc/weir-redis/ca.crt, /etc/weir-redis/password');
});
