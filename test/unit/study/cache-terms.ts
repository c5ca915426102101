import t, { type Test } from 'tap';
import { cachePart, cacheTerms } from '#study/cache-terms.ts';
import { explainHop } from '#study/explain-hop.ts';
import { type Question, subjectOf } from '#study/question.ts';
import { openTestTier } from '../../fixtures/tier.ts';

const CACHED = '[{ name: pods, allow: [pods], cache: true, upgrade: [websocket] }]';
const UPGRADE = { Connection: 'Upgrade', Upgrade: 'websocket' };

async function asked(t: Test, question: Partial<Question>, keys: Readonly<Record<string, string>> = {}) {
  const tier = await openTestTier(t, { access: CACHED, ...keys });
  const subject = subjectOf({ ip: '10.128.0.7', target: 'http://a.example/', ...question });
  const hop = await explainHop({ tier, subject, names: 'unknown' });
  return [cachePart(hop), cacheTerms(hop)];
}

const BYPASS =
  'cache: passed by, as it answers GET and HEAD alone, without a body, Expect, Trailer or an upgrade';
const INVALIDATE = 'cache: passed by, and what is kept of the URL is taken out where the answer is no error';

for (const [title, question, part, terms] of [
  ['GET', {}, 'keep', 'cache: the answer may come from it, and may be kept in memory'],
  [
    'HEAD',
    { method: 'HEAD' },
    'serve',
    'cache: the answer may come from it, and is not kept: only those to GET are',
  ],
  [
    'no-store',
    { headers: { 'Cache-Control': 'no-store' } },
    'serve',
    'cache: the answer may come from it, and is not kept: the request says no-store',
  ],
  ['OPTIONS', { method: 'OPTIONS' }, 'bypass', BYPASS],
  ['GET with a body', { headers: { 'content-length': '3' } }, 'bypass', BYPASS],
  ['GET that switches protocols', { headers: UPGRADE }, 'bypass', BYPASS],
  [
    'HEAD that asks to switch protocols, as only GET can',
    { method: 'HEAD', headers: UPGRADE },
    'serve',
    'cache: the answer may come from it, and is not kept: only those to GET are',
  ],
  ['POST', { method: 'POST' }, 'invalidate', INVALIDATE],
  ['a tunnel', { target: 'a.example:443' }, null, undefined],
  ['who is not allowed', { ip: '10.0.0.1' }, null, undefined],
] as const) {
  t.test(`cachePart() and cacheTerms() tell of ${title}`, async (t) => {
    t.same(await asked(t, question), [part, terms]);
  });
}

t.test('cacheTerms() tells where an answer is kept', async (t) => {
  const cache = `{ disk: { path: ${t.testdir({})}, size: 16MiB } }`;
  const [, terms] = await asked(t, {}, { cache });
  t.equal(terms, 'cache: the answer may come from it, and may be kept in memory and on disk');
});

t.test('an upgrade that the rule does not let pass is an ordinary request', async (t) => {
  const [part] = await asked(t, { headers: { ...UPGRADE, Upgrade: 'h2c' } });
  t.equal(part, 'keep');
});

t.test(
  'a rule without a cache uses none, and what changes the URL counts where another has one',
  async (t) => {
    const off = 'cache: not used, rule reads has no "cache: true"';
    const none = { access: '[{ name: reads, allow: [pods] }]' };
    t.same(await asked(t, {}, none), ['off', off]);
    t.same(await asked(t, { method: 'PUT' }, none), ['off', off]);
    const another = {
      access: '[{ name: tls, allow: [pods, tls], cache: true }, { name: reads, allow: [pods] }]',
    };
    t.same(await asked(t, {}, another), ['off', off]);
    t.same(await asked(t, { method: 'PUT' }, another), [
      'off',
      `${off}; what is kept of the URL is taken out where the answer is no error`,
    ]);
  },
);

t.test('nothing is said where it is not certain, or fails', async (t) => {
  const byAddress = { access: '[{ name: web, allow: [web], cache: true }]' };
  t.same(await asked(t, {}, byAddress), [null, undefined]);
  const tier = await openTestTier(t, { access: CACHED });
  const subject = subjectOf({ ip: '10.128.0.7', target: 'http://a.example/' });
  const hop = await explainHop({ tier, subject, names: 'unknown' });
  t.equal(cachePart({ ...hop, error: new Error('no such name') as never }), null);
});
