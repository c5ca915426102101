/** From a request head to what the transaction needs to know of it. Owns the checks that Node leaves to us. */
import { ProxyError } from '#errors.ts';
import { UNHEARD } from '#match/subject.ts';
import { type RawHeaders, tokensOf, valuesOf } from '#net/headers.ts';
import { HEAD_LIMITS, hasTooManyFields, MAX_TARGET_BYTES } from '#net/limits.ts';
import { parseRequestTarget, type RequestTarget } from '#net/request-target.ts';
import { redactUrl } from '#record/redact.ts';
import { identify } from './identify.ts';
import type { Transaction } from './transaction.ts';

/** What Host may hold (RFC 9110 section 7.2, RFC 3986 section 3.2.2): nothing, or a name or an address, and a port. */
const HOST = /^(?:[\w\-.~%!$&'()*+,;=]*|\[[\da-f:.]+\])(?::\d*)?$/i;

/** Of a request head, what the pipeline needs to know; an `IncomingMessage` is one. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: RawHeaders;
  /** Where it is kept: what it asks for, once all checks are passed; the same head is not checked again. */
  target?: RequestTarget | undefined;
  /** With it, its URL as records have it. */
  redactedUrl?: string;
}

/**
 * Reads who asks for what.
 * @throws {ProxyError} `request_malformed`, `request_head_too_large`, `target_too_long`, `scheme_unsupported`,
 *   `expectation_unsupported`; as {@link identify}
 */
export function readHead(tx: Transaction, request: RequestHead): void {
  tx.method = request.method ?? '';
  const target = request.target ?? check(tx, request);
  tx.setTarget(tx.method, target);
  if (target.url !== '') tx.url = request.redactedUrl || redactUrl(target.url);
  const { uses } = tx.generation.policy;
  if (uses.has('headers')) tx.headers = request.rawHeaders;
  if (tx.method === 'CONNECT' && uses.has('sni')) tx.sni = UNHEARD;
  identify(tx, request.rawHeaders);
}

/** All that the head alone decides. What is refused after the target could be read is recorded with it. */
function check(tx: Transaction, request: RequestHead): RequestTarget {
  refuseFraming(request);
  refuseHosts(request);
  refuseLength(request.url ?? '');
  const target = parseRequestTarget(tx.method, request.url ?? '');
  tx.setTarget(tx.method, target);
  refuseExpectation(request);
  if (tx.method === 'CONNECT') refuseBody(request);
  if ('target' in request) {
    request.target = target;
    request.redactedUrl = redactUrl(target.url);
  }
  return target;
}

/** What Node's parser lets pass, though we could not pass it on as it was meant. */
function refuseFraming({ httpVersion, rawHeaders }: RequestHead): void {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    throw new ProxyError('request_malformed', { detail: `HTTP version ${httpVersion}` });
  }
  if (hasTooManyFields(rawHeaders)) {
    const detail = `${rawHeaders.length / 2} header fields; the limits are ${HEAD_LIMITS}`;
    throw new ProxyError('request_head_too_large', { detail });
  }
  // Only chunked is undone and done again here; any other coding would be lost with its name.
  const codings = tokensOf(rawHeaders, 'transfer-encoding');
  if (codings.length > 1 || codings.some((coding) => coding !== 'chunked')) {
    throw new ProxyError('request_malformed', { detail: 'Transfer-Encoding names more than chunked' });
  }
  // RFC 9112 section 6.1: who wrote the one did not know the other.
  if (codings.length > 0 && httpVersion === '1.0') {
    throw new ProxyError('request_malformed', { detail: 'Transfer-Encoding in HTTP/1.0' });
  }
}

/** RFC 9112 section 3.2. */
function refuseHosts({ httpVersion, rawHeaders }: RequestHead): void {
  const [host, ...more] = valuesOf(rawHeaders, 'host');
  if (more.length > 0) throw new ProxyError('request_malformed', { detail: 'More than one Host field' });
  if (host === undefined && httpVersion === '1.1')
    throw new ProxyError('request_malformed', { detail: 'No Host field' });
  if (host !== undefined && !HOST.test(host))
    throw new ProxyError('request_malformed', { detail: 'Host is no host and port' });
}

/** RFC 9112 section 3. */
function refuseLength(target: string): void {
  if (target.length <= MAX_TARGET_BYTES) return;
  throw new ProxyError('target_too_long', { detail: `A request target of ${target.length} bytes` });
}

/** Of expectations only 100-continue is known (RFC 9110 section 10.1.1). */
function refuseExpectation(request: RequestHead): void {
  const expectations = tokensOf(request.rawHeaders, 'expect');
  if (expectations.every((expectation) => expectation === '100-continue')) return;
  throw new ProxyError('expectation_unsupported', {
    detail: 'Expect names something other than 100-continue',
  });
}

/** CONNECT has no content; a framed body would be read differently by each hop (RFC 9110 section 9.3.6). */
function refuseBody(request: RequestHead): void {
  const isFramed =
    valuesOf(request.rawHeaders, 'transfer-encoding').length > 0 ||
    valuesOf(request.rawHeaders, 'content-length').some((length) => length.trim() !== '0');
  if (isFramed) throw new ProxyError('request_malformed', { detail: 'CONNECT with a body' });
}
