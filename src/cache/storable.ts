/** Which answers may be kept (RFC 9111 section 3), and which of their fields (section 3.1). */
import { FieldNames, hasField, isNamed, type RawHeaders } from '#net/headers.ts';
import type { Directives } from './directives.ts';
import { type AnswerFacts, freshnessOf, mayGuess } from './freshness.ts';
import { varyingBy } from './vary.ts';

export interface RequestFacts {
  readonly method: string;
  readonly headers: RawHeaders;
  readonly directives: Directives;
}

/** Statuses whose meaning for a cache is known here; where an answer asks for that (`must-understand`). */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 421, 451, 500, 501, 502, 503, 504,
]);
/** Fields that let an answer to a request with credentials be kept (section 3.5). */
const SHARED = ['public', 's-maxage', 'must-revalidate'];
/** Requests that are for a part, or under a condition: what is no whole answer to them is none to others. */
const NARROWING = ['range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];

/** Whether a request is for less than the whole answer. */
export function isNarrowed(headers: RawHeaders): boolean {
  return NARROWING.some((name) => hasField(headers, name));
}

/**
 * Why an answer may not be kept, or is not worth it; undefined where it is kept. The words are for people: `weir cache why` and
 * Cache-Status show them.
 */
export function whyNotKept(request: RequestFacts, answer: AnswerFacts): string | undefined {
  return whyNotByRequest(request, answer) ?? whyNotByAnswer(answer) ?? whyNotWorth(answer);
}

/** Why no answer to it is kept, whatever that says. */
export function whyNoneKept({
  method,
  directives,
}: Pick<RequestFacts, 'method' | 'directives'>): string | undefined {
  if (method !== 'GET') return 'method';
  return directives.has('no-store') ? 'request-no-store' : undefined;
}

function whyNotByRequest(request: RequestFacts, answer: AnswerFacts): string | undefined {
  const { headers } = request;
  const why = whyNoneKept(request);
  if (why !== undefined) return why;
  if (answer.status !== 200 && isNarrowed(headers)) return 'request-narrowed';
  if (hasField(headers, 'authorization') && !SHARED.some((name) => answer.directives.has(name)))
    return 'authorization';
  return undefined;
}

function whyNotByAnswer({ status, headers, directives }: AnswerFacts): string | undefined {
  if (status === 206 || status === 304) return 'status';
  const understands = directives.has('must-understand');
  if (understands && !UNDERSTOOD.has(status)) return 'must-understand';
  // Who says both means the second for caches that do not know the first (section 5.2.2.3).
  if (directives.has('no-store') && !understands) return 'no-store';
  // With field names it could be kept without these; nobody says which of them matter.
  if (directives.has('private')) return 'private';
  // What one client is told to remember is no other's.
  if (hasField(headers, 'set-cookie')) return 'set-cookie';
  return varyingBy(headers) === undefined ? 'vary-any' : undefined;
}

/** Section 3: somebody has to say that it can be used again, or its status has to. */
function whyNotWorth(answer: AnswerFacts): string | undefined {
  const { directives, headers } = answer;
  const isSaid = hasField(headers, 'expires') || ['max-age', 's-maxage'].some((name) => directives.has(name));
  if (!isSaid && !mayGuess(answer)) return 'no-lifetime';
  if (freshnessOf(answer).lifetimeMs > 0 || isRevalidatable(headers)) return undefined;
  return directives.has('stale-if-error') || directives.has('stale-while-revalidate')
    ? undefined
    : 'no-lifetime';
}

function isRevalidatable(headers: RawHeaders): boolean {
  return hasField(headers, 'etag') || hasField(headers, 'last-modified');
}

/** About one exchange, or written anew whenever the answer is used. */
const NOT_KEPT = new FieldNames([
  'connection',
  // Told by the body that is kept.
  'content-length',
  'trailer',
  'cache-status',
  'proxy-status',
  'weir-transaction',
  'set-cookie',
]);

/** The fields that are kept, of those that go on to the client; Date is added where there is none (RFC 9110 section 6.6.1). */
export function keptFields(headers: RawHeaders, answerMs: number): string[] {
  const kept: string[] = [];
  let hasDate = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (NOT_KEPT.has(name)) continue;
    hasDate ||= isNamed(name, 'date');
    kept.push(name, headers[i + 1] as string);
  }
  if (!hasDate) kept.push('Date', new Date(answerMs).toUTCString());
  return kept;
}
