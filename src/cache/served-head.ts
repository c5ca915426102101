/** Head of the answer that a client gets of what is kept, and which of its bytes: all, a part, or none (RFC 9111 sections 4, 4.3.2). */
import { FieldNames, type RawHeaders } from '#net/headers.ts';
import { isNotModified } from './conditional.ts';
import type { Entry } from './entry.ts';
import { ageOf } from './freshness.ts';
import { partOf } from './range.ts';

export interface ServedHead {
  readonly status: number;
  readonly phrase: string;
  /** Flat; Age among them. */
  readonly fields: string[];
  /** Of the kept body. */
  readonly from: number;
  /** The byte behind the last one. */
  readonly end: number;
}

/** Of a request, what it is asked by. */
export interface Asked {
  readonly method: string;
  readonly headers: RawHeaders;
}

/**
 * What describes the body that a 304 has not, and who gets it has (RFC 9110 section 15.4.5). All else goes with it: a cache in front
 * takes over what a confirmation has changed here.
 */
const OF_BODY = new FieldNames([
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
]);

export function servedHead({ method, headers }: Asked, kept: Entry, nowMs: number): ServedHead {
  const age = ['Age', String(Math.floor(ageOf(kept.freshness, nowMs) / 1000))];
  if (isNotModified(headers, kept)) {
    const fields = kept.headers.filter((_, index) => !OF_BODY.has(kept.headers[index & ~1] as string));
    return { status: 304, phrase: 'Not Modified', fields: [...fields, ...age], from: 0, end: 0 };
  }
  const { length } = kept.body;
  const part = method === 'GET' ? partOf(headers, kept) : undefined;
  if (part === undefined) {
    const fields = [...kept.headers, ...age];
    // A 204 has no length (RFC 9110 section 8.6).
    if (kept.status !== 204) fields.push('Content-Length', String(length));
    return { status: kept.status, phrase: kept.phrase, fields, from: 0, end: method === 'HEAD' ? 0 : length };
  }
  if (part === null) {
    const fields = ['Content-Range', `bytes */${length}`, 'Content-Length', '0', ...age];
    return { status: 416, phrase: 'Range Not Satisfiable', fields, from: 0, end: 0 };
  }
  const end = part.to + 1;
  const range = [
    'Content-Range',
    `bytes ${part.from}-${part.to}/${length}`,
    'Content-Length',
    String(end - part.from),
  ];
  const fields = [...kept.headers, ...age, ...range];
  return { status: 206, phrase: 'Partial Content', fields, from: part.from, end };
}
