import t from 'tap';
import { answerDirectives, requestDirectives } from '#cache/directives.ts';
import { keptFields, whyNotKept } from '#cache/storable.ts';
import { dateAgo, NOW } from '../../fixtures/cache-entry.ts';

interface Case {
  readonly method?: string;
  readonly request?: readonly string[];
  readonly status?: number;
  readonly headers: readonly string[];
}

function why({ method = 'GET', request = [], status = 200, headers }: Case): string | undefined {
  return whyNotKept(
    { method, headers: request, directives: requestDirectives(request) },
    { status, headers, directives: answerDirectives(headers), requestMs: NOW, answerMs: NOW },
  );
}

const FRESH = ['Cache-Control', 'max-age=60'];
const AUTHORIZED = ['Authorization', 'Basic x'];

const KEPT: Record<string, Case> = {
  'what has a max-age': { headers: FRESH },
  'what has an s-maxage': { headers: ['Cache-Control', 's-maxage=60'] },
  'what has an Expires': { headers: ['Expires', dateAgo(-60)] },
  'what a lifetime may be guessed of': { headers: ['Last-Modified', dateAgo(1000)] },
  'what can be asked about': { headers: ['ETag', '"a"'] },
  'what is over its time and can be asked about': { headers: ['Cache-Control', 'max-age=0', 'ETag', '"a"'] },
  'what may be used while it fails': { headers: ['Cache-Control', 'max-age=0, stale-if-error=60'] },
  'what may be used for now': { headers: ['Cache-Control', 'max-age=0, stale-while-revalidate=60'] },
  'a status that nobody knows, with a lifetime': { status: 599, headers: FRESH },
  'a redirect with a lifetime': { status: 302, headers: FRESH },
  'a redirect that is public': {
    status: 302,
    headers: ['Cache-Control', 'public', 'Last-Modified', dateAgo(99)],
  },
  'what is no-store for those who do not understand': {
    headers: ['Cache-Control', 'max-age=9, no-store, must-understand'],
  },
  'to credentials, what is public': { request: AUTHORIZED, headers: ['Cache-Control', 'public, max-age=60'] },
  'to credentials, what has an s-maxage': { request: AUTHORIZED, headers: ['Cache-Control', 's-maxage=60'] },
  'to credentials, what must be revalidated': {
    request: AUTHORIZED,
    headers: ['Cache-Control', 'must-revalidate, max-age=6'],
  },
  'a whole answer to a request for a part': { request: ['Range', 'bytes=0-1'], headers: FRESH },
  'what varies by a name': { headers: [...FRESH, 'Vary', 'x'] },
};

const NOT_KEPT: Record<string, Case & { readonly why: string }> = {
  'answers to POST': { method: 'POST', headers: FRESH, why: 'method' },
  'answers to HEAD': { method: 'HEAD', headers: FRESH, why: 'method' },
  'what the client forbids': {
    request: ['Cache-Control', 'no-store'],
    headers: FRESH,
    why: 'request-no-store',
  },
  'what the origin forbids': { headers: ['Cache-Control', 'no-store, max-age=60'], why: 'no-store' },
  'what is private': { headers: ['Cache-Control', 'private, max-age=60'], why: 'private' },
  'what is private in part': { headers: ['Cache-Control', 'private="x", max-age=60'], why: 'private' },
  'to credentials, what is not meant for others': {
    request: AUTHORIZED,
    headers: FRESH,
    why: 'authorization',
  },
  parts: { status: 206, headers: FRESH, why: 'status' },
  'a 304': { status: 304, headers: FRESH, why: 'status' },
  'what has to be understood and is not': {
    status: 599,
    headers: ['Cache-Control', 'must-understand, max-age=9'],
    why: 'must-understand',
  },
  cookies: { headers: [...FRESH, 'Set-Cookie', 'a=b'], why: 'set-cookie' },
  'what varies by anything': { headers: [...FRESH, 'Vary', '*'], why: 'vary-any' },
  'what nobody says a lifetime of': { status: 302, headers: ['ETag', '"a"'], why: 'no-lifetime' },
  'what is never fresh and cannot be asked about': {
    headers: ['Cache-Control', 'max-age=0'],
    why: 'no-lifetime',
  },
  'a 416 to a request for a part': {
    request: ['Range', 'bytes=9-'],
    status: 416,
    headers: FRESH,
    why: 'request-narrowed',
  },
  'a 412': { request: ['If-Match', '"a"'], status: 412, headers: FRESH, why: 'request-narrowed' },
};

t.test('whyNotKept() has nothing against', async (t) => {
  for (const [title, request] of Object.entries(KEPT)) t.equal(why(request), undefined, title);
});

t.test('whyNotKept() tells why', async (t) => {
  for (const [title, { why: expected, ...request }] of Object.entries(NOT_KEPT))
    t.equal(why(request), expected, title);
});

t.test('keptFields() leaves out what is about one exchange', async (t) => {
  const headers = [
    'Date',
    'd',
    'Content-Length',
    '5',
    'X',
    '1',
    'connection',
    'close',
    'Trailer',
    'y',
    'Cache-Status',
    'z',
  ];
  t.same(keptFields(headers, NOW), ['Date', 'd', 'X', '1']);
  t.same(
    keptFields(
      ['Proxy-Status', 'a', 'Weir-Transaction', 'b', 'Set-Cookie', 'c', 'Via', 'd', 'Date', 'e'],
      NOW,
    ),
    ['Via', 'd', 'Date', 'e'],
  );
});

t.test('keptFields() adds a date where there is none', async (t) => {
  t.same(keptFields(['X', '1'], NOW), ['X', '1', 'Date', 'Sat, 28 Nov 2026 12:00:00 GMT']);
});
