import t from 'tap';
import { lintPolicy } from '#study/lint/policy.ts';
import { firstTier } from '../../../fixtures/studied.ts';

t.test('lintPolicy() tells of ACLs, of rules, and of caches', async (t) => {
  const { config } = await firstTier(`
acls: { none: { ports: [25] }, tls: { ports: [443] }, connect: { methods: [CONNECT] } }
access: [{ name: old, allow: [tls], until: 2026-01-01T00:00Z }, { name: tls, allow: [connect, tls], cache: true }]`);
  t.same(
    lintPolicy(config, Date.parse('2026-11-28T00:00Z')).map(({ code, path }) => [code, path.join('.')]),
    [
      ['unused-acl', 'acls.none'],
      ['expired-rule', 'access.0.name'],
      ['cache-without-effect', 'access.1.cache'],
    ],
  );
});
