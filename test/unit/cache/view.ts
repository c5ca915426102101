import t from 'tap';
import { CacheDesk } from '#cache/desk.ts';
import type { Entry } from '#cache/entry.ts';
import type { CacheView, RuleView, Sight } from '#cache/question.ts';
import { viewOf } from '#cache/view.ts';
import { dateAgo, entry, NOW } from '../../fixtures/cache-entry.ts';

const DAY_MS = 86_400_000;
const URL = 'http://origin.example/';

const RULES: RuleView = { caching: ['rule', 'other'], possible: ['rule', 'other'], others: [] };

interface Case {
  readonly headers?: readonly string[];
  readonly method?: string;
  readonly laterS?: number;
  readonly sight?: Partial<Sight>;
}

function view(
  kept: readonly Entry[],
  { headers = [], method = 'GET', laterS = 10, sight = {} }: Case = {},
): Promise<CacheView> {
  const desk = new CacheDesk({ memory: 2 ** 20, maxObject: 2 ** 20 }, 1);
  for (const each of kept) desk.store.put(each);
  const parts = { nowMs: NOW + laterS * 1000, rules: RULES, routes: ['route'], ...sight };
  return viewOf(desk, { url: URL, method, headers: [...headers] }, parts);
}

t.test('of what is kept it tells whose it is, how long it is good, and by what', async (t) => {
  const headers = [
    'Cache-Control',
    'max-age=60, stale-while-revalidate=5, stale-if-error=30, must-revalidate',
    'ETag',
    '"a"',
    'Last-Modified',
    dateAgo(90),
  ];
  const { kept } = await view([entry(headers, { names: ['accept'], selection: '=text/html' })], {
    headers: ['Accept', 'text/html'],
  });
  t.same(kept, [
    {
      partition: 'rule route',
      status: 200,
      bodyBytes: 10,
      isOnDisk: false,
      varies: ['accept'],
      isChosen: true,
      storedMs: NOW,
      ageMs: 10_000,
      lifetimeMs: 60_000,
      lifetimeBy: 'max-age',
      validators: ['ETag', 'Last-Modified'],
      staleWhileRevalidateMs: 5000,
      staleIfErrorMs: 30_000,
      silenceMs: undefined,
      strictBy: 'must-revalidate',
      isInForce: true,
    },
  ]);
});

for (const [headers, by] of [
  [['Cache-Control', 's-maxage=5, max-age=60'], 's-maxage'],
  [['Expires', dateAgo(-60)], 'expires'],
  [['Last-Modified', dateAgo(1000)], 'guess'],
  [['ETag', '"a"'], 'nothing'],
] as const) {
  t.test(`a lifetime is known by ${by}`, async (t) => {
    const { kept } = await view([entry(headers)]);
    t.equal(kept[0]?.lifetimeBy, by);
  });
}

const ONE: RuleView = { caching: ['rule'], possible: ['rule'], others: [] };
const FRESH = entry(['Cache-Control', 'max-age=60']);
const OLD = entry(['Cache-Control', 'max-age=1']);
const OLD_WITH_TAG = entry(['Cache-Control', 'max-age=1', 'ETag', '"a"']);
const OLD_FOR_NOW = entry(['Cache-Control', 'max-age=1, stale-while-revalidate=60']);
const CHOSEN = entry(['Cache-Control', 'max-age=60'], { names: ['accept'], selection: '=text/html' });

for (const [title, kept, request, act] of [
  ['what is fresh', FRESH, {}, 'hit'],
  ['what is fresh, to HEAD', FRESH, { method: 'HEAD' }, 'hit'],
  ['what is over its time', OLD_WITH_TAG, {}, 'revalidate'],
  ['what is over its time and cannot be asked about', OLD, {}, 'replace'],
  ['what may be used meanwhile', OLD_FOR_NOW, {}, 'refresh'],
  ['who takes what is old', OLD, { headers: ['Cache-Control', 'max-stale'] }, 'stale'],
  ['who wants it of now', FRESH, { headers: ['Cache-Control', 'no-cache'] }, 'reload'],
  ['who wants only what is here', OLD, { headers: ['Cache-Control', 'only-if-cached'] }, 'refuse'],
  ['who says something else', CHOSEN, {}, 'vary-miss'],
  ['who says the same', CHOSEN, { headers: ['Accept', 'text/html'] }, 'hit'],
  ['what changes it', FRESH, { method: 'POST' }, 'invalidate'],
  ['what is no business of the cache', FRESH, { method: 'OPTIONS' }, 'bypass'],
  ['who has a body', FRESH, { headers: ['Content-Length', '3'] }, 'bypass'],
] as const) {
  t.test(`${title}: ${act}`, async (t) => {
    const { next } = await view([kept], { ...(request as Case), sight: { rules: ONE } });
    t.equal(next.length, 1);
    t.equal(next[0]?.act, act);
  });
}

t.test('each partition has what becomes of its own requests, by its newest answer', async (t) => {
  const other = entry(['Cache-Control', 'max-age=60'], { partition: 'other route' });
  const { next } = await view([OLD, other]);
  t.same(next, [
    { partition: 'other route', act: 'hit', spare: undefined },
    { partition: 'rule route', act: 'replace', spare: { untilMs: NOW + 1000 + DAY_MS, onError: false } },
  ]);
});

t.test('where nothing is kept the next hop is asked, and what was noted is told', async (t) => {
  const desk = new CacheDesk({ memory: 2 ** 20, maxObject: 2 ** 20 }, 1);
  const note = { why: 'no-store', status: 200, atMs: NOW };
  desk.notes.put(URL, note);
  desk.begin({ url: URL, partition: 'p', isForOthers: true, spoil: () => {} });
  const sight = { nowMs: NOW, rules: RULES, routes: ['route'] };
  t.same(await viewOf(desk, { url: URL, method: 'GET', headers: [] }, sight), {
    kept: [],
    isUnderWay: true,
    note,
    hostPurge: undefined,
    next: [{ partition: undefined, act: 'uri-miss' }],
  });
});

t.test('what is kept is for nobody where its rule or its route is no more', async (t) => {
  for (const sight of [{ rules: { ...ONE, possible: ['other'] } }, { routes: ['elsewhere'] }]) {
    const { kept, next } = await view([FRESH], { sight });
    t.equal(kept[0]?.isInForce, false);
    t.same(next, [{ partition: undefined, act: 'uri-miss' }]);
  }
});

t.test('rules for which nothing is kept are told of beside those for which something is', async (t) => {
  const { next } = await view([FRESH]);
  t.same(next[1], { partition: undefined, rules: ['other'], act: 'uri-miss' });
});

for (const [title, others, method, act] of [
  ['no rule can allow it', [], 'GET', 'denied'],
  ['no rule can allow a change', [], 'POST', 'denied'],
  ['only rules without a cache can', ['plain'], 'GET', 'uncached'],
  ['only rules without a cache can allow a change', ['plain'], 'POST', 'invalidate'],
] as const) {
  t.test(`${title}: ${act}`, async (t) => {
    const rules = { ...ONE, possible: [], others };
    const { next } = await view([FRESH], { method, sight: { rules } });
    t.same(next, [{ partition: undefined, act }]);
  });
}

t.test('what is used where the next hop does not answer, or fails, is told until when', async (t) => {
  for (const [request, answer, spare] of [
    ['', 'max-age=1', { untilMs: NOW + 1000 + DAY_MS, onError: false }],
    ['', 'max-age=1, stale-if-error=60', { untilMs: NOW + 1000 + DAY_MS, onError: true }],
    ['', 'max-age=1, stale-if-error=172800', { untilMs: NOW + 1000 + 2 * DAY_MS, onError: true }],
    ['stale-if-error=172800', 'max-age=1', { untilMs: NOW + 1000 + 2 * DAY_MS, onError: true }],
    ['no-cache', 'max-age=1', undefined],
    ['', 'max-age=1, must-revalidate', undefined],
    ['', 'max-age=60', undefined],
  ] as const) {
    const { next } = await view([entry(['Cache-Control', answer])], {
      headers: ['Cache-Control', request],
    });
    t.same(next[0]?.spare, spare, `"${request}" for "${answer}"`);
  }
});
