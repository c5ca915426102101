/**
 * Plain HTTP: a request to the next hop and its answer back. The next hop is tried where the one before cannot have seen the
 * request, or says that it is at fault itself; a fault counts against a peer only where it is the peer's own.
 */
import { ProxyError, REASONS } from '#errors.ts';
import { ExchangeError } from '#net/exchange.ts';
import { NoHttp } from '#net/field-section.ts';
import { asPeerFault, isUnreached, noRoom, noteStop } from '#peer/fault.ts';
import type { Selector } from '#peer/select.ts';
import type { Passage } from './admit.ts';
import { type ClientExchange, hasBody } from './client-exchange.ts';
import { exchangeWith } from './exchange-with.ts';
import { type Hop, originHop, peerHops } from './next-hops.ts';
import type { Transaction } from './transaction.ts';

/**
 * Resolves when the answer is relayed, or its connection has become a tunnel.
 * @throws {ProxyError} why there is no answer, or no whole one
 */
export function forward(parts: ClientExchange, passage: Passage): Promise<void> {
  const { selector } = passage.route;
  return selector === undefined ? forwardToOrigin(parts, passage) : forwardToPeers(parts, selector);
}

async function forwardToOrigin(parts: ClientExchange, passage: Passage): Promise<void> {
  const fault = await attempt(parts, await originHop(parts.tx, passage));
  if (fault !== undefined) throw fault;
}

async function forwardToPeers(parts: ClientExchange, selector: Selector): Promise<void> {
  const { wheel } = parts.tx.context.tools;
  let last: ProxyError | undefined;
  let tried: Hop['peer'];
  for await (const hop of peerHops(parts.tx, selector)) {
    if (last !== undefined && hop.peer !== tried && !selector.mayRetry(last, wheel.now())) throw last;
    const entered = hop.peer?.enter();
    const release = entered instanceof Promise ? await entered : entered;
    if (release === undefined) continue;
    tried = hop.peer;
    last = await attempt(parts, hop, release);
    if (last === undefined) return;
  }
  throw last ?? noRoom();
}

/**
 * Undefined where the answer is relayed; else why not, where the next hop may be tried.
 * @throws {ProxyError} where it may not
 */
async function attempt(
  parts: ClientExchange,
  hop: Hop,
  release?: () => void,
): Promise<ProxyError | undefined> {
  const { tx } = parts;
  tx.peer = hop.peer?.name;
  tx.upstreamIp = hop.address;
  try {
    tx.abort.check();
    await exchangeWith(hop, parts);
    noteAnswer(tx, hop);
    return undefined;
  } catch (thrown) {
    const error = ProxyError.from(thrown);
    const fault = noteFault(tx, hop, error);
    if (tx.abort.reason !== undefined || !isNextTried(parts, hop, error)) throw fault;
    return fault;
  } finally {
    release?.();
  }
}

/** Whether this hop cannot have seen the request, or tells of a fault of its own and has had none of its body. */
function isNextTried({ request }: ClientExchange, { peer }: Hop, error: ProxyError): boolean {
  if (error instanceof ExchangeError) return error.phase === 'connecting';
  return REASONS[error.reason].retryable && !mayBeOfTarget(peer, error) && !hasBody(request);
}

/** An answer that was relayed may tell of a fault of the peer's own too, where no other could be asked. */
function noteAnswer({ reason, context }: Transaction, { peer }: Hop): void {
  if (reason === undefined || !REASONS[reason].retryable) peer?.succeeded();
  else peer?.failed(reason, context.tools.wheel.now());
}

/** Tells a peer's fault from an origin's, and counts it against the peer, once, only where it is the peer's own. */
function noteFault({ abort, context, generation }: Transaction, hop: Hop, error: ProxyError): ProxyError {
  const { peer, askedMs } = hop;
  if (peer === undefined) return error;
  const nowMs = context.tools.wheel.now();
  const fault = error instanceof ExchangeError ? asPeerFault(peer.options, error) : error;
  if (abort.reason !== undefined) {
    noteStop(peer, abort.reason, { askedMs, nowMs, patienceMs: generation.config.timeouts.establish });
  } else if (REASONS[fault.reason].retryable && !mayBeOfTarget(peer, error)) {
    peer.failed(fault.reason, nowMs, isUnreached(fault));
  }
  return fault;
}

/**
 * An answer that is slow, or breaks off, is the target's as far as anyone can tell, and so are a 407 and a head that is malformed of a
 * peer that may pass on an origin's, as no hop of ours does; TLS is spoken with the peer alone.
 */
function mayBeOfTarget(peer: Hop['peer'], error: ProxyError): boolean {
  if (error.reason === 'peer_auth_required') return peer?.options.hop === false;
  if (error.reason === 'response_malformed' && peer?.options.hop === false)
    return !(error.cause instanceof NoHttp);
  if (!(error instanceof ExchangeError) || REASONS[error.reason].source === 'peer') return false;
  return error.phase === 'answering' || error.reason === 'response_timeout';
}
