/** Heads of answers: which are no answer that could be passed on, and which of their fields go on to the client. */
import { ProxyError } from '#errors.ts';
import { endToEnd, FieldNames, hasField, type RawHeaders, tokensOf } from '#net/headers.ts';
import { hasTooManyFields, isBeyondOrigins, MAX_FIELDS, MAX_HEAD_BYTES } from '#net/limits.ts';
import { passableTrailers } from '#net/trailers.ts';
import type { ClientRequest } from './client-exchange.ts';

const WRITTEN_HERE = new FieldNames(['via']);
/** Trailers are announced only where they can come, behind the last chunk of a body. */
const UNCHUNKED = new FieldNames(['via', 'trailer']);
/** A 204 has no length (RFC 9110 section 8.6). */
const EMPTY = new FieldNames(['via', 'trailer', 'content-length']);

export interface AnswerHead {
  readonly status: number;
  readonly headers: RawHeaders;
}

/**
 * Refuses what is no answer of an origin or a peer, interim or final, to a request that asked for `upgrade`.
 * @throws {ProxyError} `response_malformed`, `upgrade_failed`
 */
export function refuseHead(
  { status, headers }: AnswerHead,
  isOfPeer: boolean,
  upgrade: string | undefined,
): void {
  if (status === 101) {
    const reason = upgrade === undefined ? 'response_malformed' : 'upgrade_failed';
    throw new ProxyError(reason, { detail: 'A 101 for a protocol that was not asked for' });
  }
  if (status < 100) throw malformed(`Status ${status}`);
  // A peer's answer has been read within bounds; what is beyond these its own hops have added.
  if (!isOfPeer && isBeyondOrigins(headers))
    throw malformed(`More than ${MAX_FIELDS} header fields, or ${MAX_HEAD_BYTES} bytes of them`);
  // The body has come without its chunks; any other coding would be lost with its name.
  const codings = tokensOf(headers, 'transfer-encoding');
  if (codings.length > 1 || (codings.length === 1 && codings[0] !== 'chunked'))
    throw malformed('Transfer-Encoding names more than chunked');
}

/** The fields of a final answer that go on, but for those that are written here, to `request` of the client. */
export function fieldsOf({ status, headers }: AnswerHead, request: ClientRequest): string[] {
  if (status === 204) return endToEnd(headers, EMPTY);
  const isChunked =
    status !== 304 &&
    request.method !== 'HEAD' &&
    request.httpVersion !== '1.0' &&
    !hasField(headers, 'content-length');
  return endToEnd(headers, isChunked ? WRITTEN_HERE : UNCHUNKED);
}

/** The fields that go on behind the body of an answer with the fields `head`. @throws {ProxyError} `response_malformed` */
export function trailersOf(trailers: RawHeaders, head: RawHeaders): string[] {
  if (hasTooManyFields(trailers)) throw malformed(`More than ${MAX_FIELDS} trailer fields`);
  return passableTrailers(trailers, head);
}

function malformed(detail: string): ProxyError {
  return new ProxyError('response_malformed', { detail });
}
