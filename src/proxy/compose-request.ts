/**
 * A client's request as the next hop gets it: fields of the client's hop removed, Host written anew from the target, Via
 * and towards our own tiers what they are told (tell-hop.ts) added. Path bytes stay as they came (RFC 9110 section 7.7).
 */
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import type { ExchangeRequest } from '#net/exchange.ts';
import { endToEnd, isNamed, listOf, refuseNominations, tokensOf } from '#net/headers.ts';
import { hostField, type RequestTarget } from '#net/request-target.ts';
import { passableTrailers } from '#net/trailers.ts';
import { type ClientExchange, hasBody, isChunked } from './client-exchange.ts';
import { countHop } from './max-forwards.ts';
import { bodyFor } from './metered-body.ts';
import type { Hop } from './next-hops.ts';
import { fieldsForPeer } from './tell-hop.ts';
import { addWay, keptFrom } from './way-fields.ts';

/** What neither our own client nor undici can do (docs/adr/0006). */
export function needsNodeHttp({ tx, request, upgrade }: ClientExchange): boolean {
  return (
    upgrade !== undefined ||
    (request.headers.expect !== undefined && request.httpVersion !== '1.0') ||
    request.headers.trailer !== undefined ||
    tx.target?.path === '*'
  );
}

/**
 * The body is a stream of its own where it is not here yet: a next hop that fails destroys what it was reading from, and the
 * client's connection must outlive that to get an answer. Empty until {@link feedBody}.
 */
export function composeRequest(parts: ClientExchange, hop: Hop, isFresh: boolean): ExchangeRequest {
  const { tx, request } = parts;
  const target = tx.target as RequestTarget;
  const { timeouts } = tx.generation.config;
  parts.wholeBody ??= takeWhole(parts);
  return {
    address: hop.address,
    others: hop.others,
    port: hop.port,
    source: hop.source,
    tls: hop.peer?.tls,
    method: tx.method,
    // The asterisk is for the origin alone: a peer needs to know which one is meant (RFC 9112 section 3.2.4).
    target: hop.peer === undefined ? target.path : target.url,
    headers: composeHeaders(parts, hop),
    body: parts.wholeBody === undefined && hasBody(request) ? bodyFor(tx) : undefined,
    wholeBody: parts.wholeBody,
    isChunked: isChunked(request),
    upgrade: parts.upgrade,
    isFresh,
    trailers: () => passableTrailers(request.rawTrailers, request.rawHeaders, keptFrom(hop, tx)),
    connectTimeoutMs: hop.peer?.options.connectTimeoutMs ?? timeouts.connect,
    idleTimeoutMs: timeouts.idle,
  };
}

function composeHeaders(parts: ClientExchange, hop: Hop): string[] {
  const { tx, request } = parts;
  const raw = request.rawHeaders;
  refuseNominations(raw);
  const host = hostField(tx.target as RequestTarget);
  const headers = ['Host', host, ...endToEnd(raw, keptFrom(hop, tx))];
  addWay(headers, parts, hop);
  if (request.headers.expect !== undefined) writeExpectation(headers, request.httpVersion);
  countHop(tx.method, headers);
  if (hop.peer !== undefined) headers.push(...fieldsForPeer(tx, hop.peer.options));
  return headers;
}

/**
 * Only 100-continue has come so far, and goes on as that: a list of it, or one with empty elements, is refused by some. HTTP/1.0 knows no
 * expectation, and what it says of one is ignored (RFC 9110 section 10.1.1).
 */
function writeExpectation(headers: string[], httpVersion: string): void {
  const isAsked = httpVersion !== '1.0' && tokensOf(headers, 'expect').length > 0;
  for (let i = headers.length - 2; i >= 0; i -= 2)
    if (isNamed(headers[i] as string, 'expect')) headers.splice(i, 2);
  if (isAsked) headers.push('Expect', '100-continue');
}

/** A small body has mostly come with its head: it needs no stream, and leaves with its head. */
function takeWhole(parts: ClientExchange): Buffer | undefined {
  const { readableLength } = parts.request;
  if (readableLength === 0 || isChunked(parts.request) || needsNodeHttp(parts)) return undefined;
  const request = parts.request as IncomingMessage;
  if (Number(listOf(request.rawHeaders, 'content-length')) !== readableLength) return undefined;
  // Without a length Node gives no more than the first piece of what came.
  const body = request.read(readableLength) as Buffer;
  // Node waits for its end, which is still to be told.
  request.resume();
  return body;
}

/** From here on the body comes; not before a next hop is connected, so that another can still have it from its beginning. */
export function feedBody({ request: client }: ClientExchange, { body }: ExchangeRequest): void {
  if (!(body instanceof PassThrough)) return;
  const request = client as IncomingMessage;
  request.once('error', (error) => body.destroy(error));
  request.pipe(body);
}
