import t from 'tap';
import {
  asRevalidation,
  isConfirmedByHead,
  isNotModified,
  isOfKept,
  refreshed,
  revalidationFields,
} from '#cache/conditional.ts';
import { dateAgo, entry, NOW } from '../../fixtures/cache-entry.ts';

t.test('revalidationFields() asks by all that an answer is known by', async (t) => {
  t.same(revalidationFields(entry(['ETag', 'W/"a"', 'Last-Modified', 'm'])), [
    'If-None-Match',
    'W/"a"',
    'If-Modified-Since',
    'm',
  ]);
  t.same(revalidationFields(entry(['Last-Modified', 'm'])), ['If-Modified-Since', 'm']);
  t.equal(revalidationFields(entry([])), undefined);
});

const BOTH = ['ETag', '"a"', 'Last-Modified', dateAgo(100), 'Date', dateAgo(50)];

const NOT_MODIFIED: readonly [request: readonly string[], headers: readonly string[], expected: boolean][] = [
  [[], BOTH, false],
  [['If-None-Match', '"a"'], BOTH, true],
  [['If-None-Match', 'W/"a"'], BOTH, true],
  [['If-None-Match', '"b", "a"'], BOTH, true],
  [['If-None-Match', '"b"', 'If-None-Match', '"a"'], BOTH, true],
  [['If-None-Match', '"b"'], BOTH, false],
  [['If-None-Match', 'a'], BOTH, false],
  [['If-None-Match', '*'], [], true],
  [['If-None-Match', '"a"'], [], false],
  [['If-None-Match', '"b"', 'If-Modified-Since', dateAgo(0)], BOTH, false],
  [['If-Modified-Since', dateAgo(100)], BOTH, true],
  [['If-Modified-Since', dateAgo(101)], BOTH, false],
  [['If-Modified-Since', 'yesterday'], BOTH, false],
  [['If-Modified-Since', dateAgo(50)], ['Date', dateAgo(50)], true],
  [['If-Modified-Since', dateAgo(51)], ['Date', dateAgo(50)], false],
  [['If-Modified-Since', dateAgo(0)], [], false],
  [['If-Match', '"b"'], BOTH, false],
];

t.test('isNotModified() settles the conditions of clients', async (t) => {
  for (const [request, headers, expected] of NOT_MODIFIED)
    t.equal(isNotModified(request, entry(headers)), expected, `${request} for ${headers}`);
  t.equal(isNotModified(['If-None-Match', '*'], entry(BOTH, { status: 404 })), false);
});

t.test('isOfKept() tells whether a 304 speaks of what is kept', async (t) => {
  const kept = entry(['ETag', '"a"', 'Last-Modified', 'm']);
  t.equal(isOfKept([], kept), true);
  t.equal(isOfKept(['ETag', '"a"', 'Last-Modified', 'n'], kept), true);
  t.equal(isOfKept(['ETag', 'W/"a"'], kept), true);
  t.equal(isOfKept(['ETag', '"b"'], kept), false);
  t.equal(isOfKept(['ETag', '"a"'], entry([])), false);
  t.equal(isOfKept(['Last-Modified', 'm'], kept), true);
  t.equal(isOfKept(['Last-Modified', 'n'], kept), false);
});

t.test('isConfirmedByHead() looks at the length as well', async (t) => {
  const kept = entry(['ETag', '"a"']);
  t.equal(isConfirmedByHead(['ETag', '"a"', 'Content-Length', '10'], kept), true);
  t.equal(isConfirmedByHead(['ETag', '"a"', 'Content-Length', '11'], kept), false);
  t.equal(isConfirmedByHead(['ETag', '"b"'], kept), false);
  t.equal(isConfirmedByHead([], kept), true);
});

t.test('refreshed() replaces fields by those of the answer, but for those of the body', async (t) => {
  const kept = entry(['ETag', '"a"', 'X', '1', 'x', '2', 'Y', '3', 'Content-Length', '10']);
  const moments = { requestMs: NOW + 1000, answerMs: NOW + 2000 };
  const headers = [
    'X',
    '4',
    'Z',
    '5',
    'Content-Length',
    '0',
    'Content-Encoding',
    'gzip',
    'Cache-Control',
    'max-age=5',
  ];
  const fresh = refreshed(kept, { headers, ...moments });
  t.same(fresh.headers, [
    'ETag',
    '"a"',
    'Y',
    '3',
    'Content-Length',
    '10',
    'X',
    '4',
    'Z',
    '5',
    'Cache-Control',
    'max-age=5',
  ]);
  t.match(fresh, moments);
  t.equal(fresh.body, kept.body);
  t.equal(fresh.freshness.lifetimeMs, 5000);
});

t.test('asRevalidation() puts our question in place of conditions of the client', async (t) => {
  const headers = [
    'A',
    '1',
    'If-None-Match',
    '"x"',
    'range',
    'bytes=0-',
    'If-Range',
    '"x"',
    'If-Modified-Since',
    'm',
    'B',
    '2',
  ];
  t.same(asRevalidation(headers, ['If-None-Match', '"y"']), ['A', '1', 'B', '2', 'If-None-Match', '"y"']);
});
