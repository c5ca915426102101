/**
 * Conditions of clients that a kept answer can settle, and the question whether a kept answer is still good (RFC 9111 section 4.3):
 * with which fields it is asked, and what the answer to that changes.
 */
import { FieldNames, hasField, listOf, type RawHeaders, valuesOf } from '#net/headers.ts';
import { type Entry, entryOf } from './entry.ts';
import { dateOf, type Moments } from './freshness.ts';

const ETAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;
/** What clients ask under, and what we write ourselves where something is kept. */
const CONDITIONS = new FieldNames(['if-none-match', 'if-modified-since', 'if-range', 'range']);
/** What describes the kept body, and an answer without one cannot change (section 3.2). */
const OF_BODY = new FieldNames(['content-length', 'content-encoding', 'content-range']);

/** The fields that ask whether `kept` is still good, flat; undefined where it has nothing to be known by. */
export function revalidationFields({ headers }: Entry): string[] | undefined {
  const [etag] = valuesOf(headers, 'etag');
  const [modified] = valuesOf(headers, 'last-modified');
  const fields = etag === undefined ? [] : ['If-None-Match', etag];
  if (modified !== undefined) fields.push('If-Modified-Since', modified);
  return fields.length === 0 ? undefined : fields;
}

/** Whether the client has what is kept already (section 4.3.2). Preconditions of origins are not ours to judge. */
export function isNotModified(request: RawHeaders, { status, headers, answerMs }: Entry): boolean {
  if (status !== 200) return false;
  const list = listOf(request, 'if-none-match');
  if (list !== undefined) {
    const [etag] = valuesOf(headers, 'etag');
    return list.trim() === '*' || (etag !== undefined && etagsIn(list).has(opaque(etag)));
  }
  const sinceMs = dateOf(request, 'if-modified-since', answerMs);
  if (sinceMs === undefined) return false;
  const modifiedMs = dateOf(headers, 'last-modified', answerMs) ?? dateOf(headers, 'date', answerMs);
  return modifiedMs !== undefined && modifiedMs <= sinceMs;
}

/** Compared weakly (RFC 9110 section 8.8.3.2). */
function etagsIn(list: string): ReadonlySet<string> {
  return new Set(list.match(ETAG)?.map(opaque));
}

function opaque(etag: string): string {
  return etag.replace(/^W\//, '');
}

/** Whether an answer without a body speaks of what is kept: it names the same, where it names anything (section 4.3.4). */
export function isOfKept(answer: RawHeaders, { headers }: Entry): boolean {
  const [etag] = valuesOf(answer, 'etag');
  const [keptEtag] = valuesOf(headers, 'etag');
  if (etag !== undefined) return keptEtag !== undefined && opaque(etag) === opaque(keptEtag);
  const [modified] = valuesOf(answer, 'last-modified');
  return modified === undefined || modified === valuesOf(headers, 'last-modified')[0];
}

/** Whether an answer to HEAD tells that the kept one is as it was (section 4.3.5). */
export function isConfirmedByHead(answer: RawHeaders, kept: Entry): boolean {
  const [length] = valuesOf(answer, 'content-length');
  return isOfKept(answer, kept) && (length === undefined || Number(length) === kept.body.length);
}

/** What is kept after an answer said that it is still good: its fields replace those of the same names (section 3.2). */
export function refreshed(
  kept: Entry,
  { headers, requestMs, answerMs }: Moments & { readonly headers: RawHeaders },
): Entry {
  const merged: string[] = [];
  for (let i = 0; i < kept.headers.length; i += 2) {
    const name = kept.headers[i] as string;
    if (OF_BODY.has(name) || !hasField(headers, name.toLowerCase()))
      merged.push(name, kept.headers[i + 1] as string);
  }
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (!OF_BODY.has(name)) merged.push(name, headers[i + 1] as string);
  }
  const { url, partition, names, selection, status, phrase, body } = kept;
  return entryOf({
    url,
    partition,
    names,
    selection,
    status,
    phrase,
    body,
    headers: merged,
    requestMs,
    answerMs,
  });
}

/** The request's fields with the question for `kept` instead of the client's own conditions. */
export function asRevalidation(headers: RawHeaders, question: readonly string[]): string[] {
  const asked: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (!CONDITIONS.has(name)) asked.push(name, headers[i + 1] as string);
  }
  return [...asked, ...question];
}
