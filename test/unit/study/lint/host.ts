import t from 'tap';
import { lintHost } from '#study/lint/host.ts';
import { config } from '../../../fixtures/config.ts';

t.test('lintHost() looks at certificates and at the cache', async (t) => {
  const plain = await config('cache: { memory: 1MiB, maxObject: 2MiB }');
  t.match(lintHost(plain, 0), [{ code: 'unused-cache' }]);
  const access = plain.policy.access.map((rule) => ({ ...rule, cache: true }));
  const certificates = [{ use: 'listener main', path: ['listeners', 0, 'tls', 'cert'], untilMs: 0 }];
  t.match(lintHost({ ...plain, certificates, policy: { ...plain.policy, access } }, 0), [
    { code: 'expired-certificate' },
    { code: 'object-never-kept' },
  ]);
});
