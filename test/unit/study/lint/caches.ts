import t from 'tap';
import type { PolicyOptions } from '#acl/policy.ts';
import { lintCaches } from '#study/lint/caches.ts';
import type { Remark } from '#study/lint/finding.ts';
import { outcomesOf } from '#study/space/outcomes.ts';
import { Space } from '#study/space/space.ts';

const NOW = Date.parse('2026-11-29T00:00Z');
const ACLS: PolicyOptions['acls'] = {
  connect: { methods: ['CONNECT'] },
  changes: { methods: ['POST', 'PUT'] },
  head: { methods: ['HEAD'] },
  reads: { methods: ['GET', 'HEAD'] },
  plain: { schemes: ['http'] },
  all: {},
};

function remarksOn(...access: PolicyOptions['access']): readonly Remark[] {
  const space = new Space([{ policy: { acls: ACLS, access }, listeners: ['in'] }], NOW);
  return lintCaches(space, outcomesOf(space, 0).rules);
}

function told(...access: PolicyOptions['access']): readonly (string | undefined)[] {
  return remarksOn(...access).map(({ rule }) => rule);
}

t.test('lintCaches() finds rules with a cache that no GET can come by', async (t) => {
  for (const allow of [['connect'], ['changes'], ['head'], ['all', '!reads'], ['all', '!plain']])
    t.same(told({ name: 'a', allow, cache: true }), ['a'], allow.join());
  for (const allow of [['all'], ['reads'], ['plain'], ['all', '!connect']])
    t.same(told({ name: 'a', allow, cache: true }), [], allow.join());
});

t.test('lintCaches() finds those to which every GET is refused, or allowed, before', async (t) => {
  const refused = { name: 'no-reads', deny: ['reads'] };
  t.same(told(refused, { name: 'a', allow: ['all'], cache: true }), ['a']);
  const read = { name: 'reads', allow: ['reads'], cache: true };
  t.same(told(read, { name: 'a', allow: ['all'], cache: true }), ['a']);
});

t.test('lintCaches() says nothing of rules without a cache, nor of those that decide nothing', async (t) => {
  t.same(told({ name: 'a', allow: ['connect'] }), []);
  const all = { name: 'all', allow: ['all'] };
  t.same(told(all, { name: 'a', allow: ['connect'], cache: true }), []);
});

t.test('lintCaches() says where, and what to do', async (t) => {
  const [remark] = remarksOn({ name: 'tunnels', allow: ['connect'], cache: true });
  t.match(remark, { code: 'cache-without-effect', path: ['access', 0, 'cache'], fix: /^Remove "cache"/ });
});
