import t from 'tap';
import { lintAcls } from '#study/lint/acls.ts';
import { Space } from '#study/space/space.ts';
import { firstTier } from '../../../fixtures/studied.ts';

const NOW = Date.parse('2026-11-28T00:00Z');

/** Code of each finding, and the ACL that it is about. */
async function found(yaml: string): Promise<string[]> {
  const { config } = await firstTier(yaml);
  const space = new Space([{ policy: config.policy, listeners: ['main'] }], NOW);
  return lintAcls(space, config).map(({ code, acl }) => `${code}: ${acl}`);
}

t.test('lintAcls() finds what no rule, no route and no trust uses, negated or not', async (t) => {
  const acls = 'acls: { a: { ports: [1] }, b: { ports: [2] }, c: { ports: [3] }, d: { ports: [4] } }';
  const trust = 'hop: { trust: { from: [c] } }';
  t.same(await found(`${acls}\naccess: [{ name: r, allow: [a] }, { name: s, deny: ["!b"] }]\n${trust}`), [
    'unused-acl: d',
  ]);
});

t.test('lintAcls() takes an ACL that only a route names for used', async (t) => {
  const { config } = await firstTier('acls: { a: { ports: [1] } }\naccess: [{ name: r, allow: [all] }]');
  const space = new Space([{ policy: config.policy, listeners: ['main'] }], NOW);
  const routes = config.routes.map((route) => ({ ...route, when: ['!a'] }));
  t.same(lintAcls(space, { ...config, routes }), []);
});

t.test('lintAcls() finds keys that exclude each other', async (t) => {
  t.same(
    await found(
      'acls: { a: { methods: [CONNECT], schemes: [http] }, b: { ports: [1] } }\naccess: [{ name: r, allow: [a, b] }]',
    ),
    ['contradictory-acl: a'],
  );
});
