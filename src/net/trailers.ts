/**
 * Trailer sections as they go on: without what Connection of the head names (RFC 9110 section 7.6.1), what belongs to one hop, and
 * what means something only ahead of a body (section 6.5.1). A next hop that merges trailers into a head would be told by the last of
 * these how to frame, route or authenticate a message that it has read already.
 */
import { FieldNames, HOP_BY_HOP, nominatedIn, type RawHeaders } from './headers.ts';

const ONLY_AHEAD = new FieldNames([
  // Framing and routing.
  'content-length',
  'host',
  'max-forwards',
  'trailer',
  'via',
  // Controls, conditions and credentials of a request.
  'authorization',
  'cache-control',
  'cookie',
  'expect',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'pragma',
  'range',
  // Controls and challenges of an answer.
  'age',
  'date',
  'expires',
  'location',
  'proxy-status',
  'retry-after',
  'set-cookie',
  'vary',
  'www-authenticate',
  // How a body is to be read.
  'content-encoding',
  'content-range',
  'content-type',
]);

const NONE = new FieldNames([]);

/** The fields of `trailers` that go on behind a message that began with the fields `head`, but for those in `without`. */
export function passableTrailers(trailers: RawHeaders, head: RawHeaders, without = NONE): string[] {
  const nominated = nominatedIn(head);
  const kept: string[] = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string;
    if (HOP_BY_HOP.has(name) || ONLY_AHEAD.has(name) || nominated.has(name) || without.has(name)) continue;
    kept.push(name, trailers[i + 1] as string);
  }
  return kept;
}
