/** Parts of a whole answer that is kept (RFC 9110 section 14). One range of bytes; who asks for more than one gets the whole. */
import type { RawHeaders } from '#net/headers.ts';
import { hasField, valuesOf } from '#net/headers.ts';
import type { Entry } from './entry.ts';
import { dateOf } from './freshness.ts';

/** `to` is the last byte. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

const RANGE = /^bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*$/i;

/** What a client gets of `kept`: undefined is all of it, and null is nothing, as there is no such part (416). */
export function partOf(request: RawHeaders, kept: Entry): Part | null | undefined {
  const ranges = valuesOf(request, 'range');
  if (ranges.length !== 1 || kept.status !== 200 || !isOfSame(request, kept)) return undefined;
  const bounds = RANGE.exec(ranges[0] as string);
  return bounds === null ? undefined : cut(bounds, kept.body.length);
}

function cut([, first, last, suffix]: RegExpExecArray, length: number): Part | null | undefined {
  if (suffix !== undefined) {
    const count = Math.min(Number(suffix), length);
    return count === 0 ? null : { from: length - count, to: length - 1 };
  }
  const from = Number(first);
  const to = last === '' ? length - 1 : Number(last);
  // One that ends before it begins is no range at all (section 14.1.1).
  if (last !== '' && to < from) return undefined;
  return from >= length ? null : { from, to: Math.min(to, length - 1) };
}

/** If-Range (RFC 9110 section 13.1.5): the client has a part of exactly this, by a name that no other answer has. */
function isOfSame(request: RawHeaders, { headers, answerMs }: Entry): boolean {
  if (!hasField(request, 'if-range')) return true;
  const [condition = ''] = valuesOf(request, 'if-range');
  if (condition.startsWith('"')) return valuesOf(headers, 'etag')[0] === condition;
  const [modified] = valuesOf(headers, 'last-modified');
  if (modified !== condition) return false;
  const modifiedMs = dateOf(headers, 'last-modified', answerMs);
  const dateMs = dateOf(headers, 'date', answerMs);
  // Of one that changed in the second in which it was sent there may be two (RFC 9110 section 8.8.2.2).
  return modifiedMs !== undefined && dateMs !== undefined && dateMs - modifiedMs >= 1000;
}
