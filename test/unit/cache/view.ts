import t from 'tap';
import { CacheDesk } from '#cache/desk.ts';
import type { Entry } from '#cache/entry.ts';
import type { CacheView } from '#cache/question.ts';
import { viewOf } from '#cache/view.ts';
import { dateAgo, entry, NOW } from '../../fixtures/cache-entry.ts';

const URL = 'http://origin.example/';

function view(
  kept: readonly Entry[],
  {
    headers = [],
    method = 'GET',
    laterS = 10,
  }: { headers?: string[]; method?: string; laterS?: number } = {},
): Promise<CacheView> {
  const desk = new CacheDesk({ memory: 2 ** 20, maxObject: 2 ** 20 }, 1);
  for (const each of kept) desk.store.put(each);
  return viewOf(desk, { url: URL, method, headers }, NOW + laterS * 1000);
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
      strictBy: 'must-revalidate',
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
    const { next } = await view([kept], request as { headers?: string[]; method?: string });
    t.equal(next.length, 1);
    t.equal(next[0]?.act, act);
  });
}

t.test('each partition has what becomes of its own requests, by its newest answer', async (t) => {
  const other = entry(['Cache-Control', 'max-age=60'], { partition: 'other route' });
  const { next } = await view([OLD, other]);
  t.same(next, [
    { partition: 'other route', act: 'hit' },
    { partition: 'rule route', act: 'replace' },
  ]);
});

t.test('where nothing is kept the next hop is asked, and what was noted is told', async (t) => {
  const desk = new CacheDesk({ memory: 2 ** 20, maxObject: 2 ** 20 }, 1);
  const note = { why: 'no-store', status: 200, atMs: NOW };
  desk.notes.put(URL, note);
  desk.begin({ url: URL, partition: 'p', isForOthers: true, spoil: () => {} });
  t.same(await viewOf(desk, { url: URL, method: 'GET', headers: [] }, NOW), {
    kept: [],
    isUnderWay: true,
    note,
    hostPurge: undefined,
    next: [{ partition: undefined, act: 'uri-miss' }],
  });
});
