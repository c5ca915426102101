import t from 'tap';
import { lintUnusedCache } from '#study/lint/unused-cache.ts';
import { config } from '../../../fixtures/config.ts';

t.test('lintUnusedCache() finds a cache that no rule uses, whatever it says', async (t) => {
  for (const keys of [
    'memory: 1MiB',
    'maxObject: 1MiB',
    'disk: { path: /x, size: 16MiB }',
    'socket: /run/x/s',
  ]) {
    const [remark, ...others] = lintUnusedCache(await config(`cache: { ${keys} }`));
    t.match(remark, { code: 'unused-cache', path: ['cache'], fix: /^Write "cache: true" into a rule/ }, keys);
    t.same(others, []);
  }
});

t.test('lintUnusedCache() says nothing where some rule has a cache, or nothing is said of one', async (t) => {
  t.same(lintUnusedCache(await config()), []);
  const said = await config('cache: { memory: 1MiB }');
  const access = said.policy.access.map((rule) => ({ ...rule, cache: true }));
  t.same(lintUnusedCache({ ...said, policy: { ...said.policy, access } }), []);
});
