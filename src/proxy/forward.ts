/**
 * Plain HTTP: a request to the next hop and its answer back. The next hop is tried only where the one before cannot have
 * seen the request; a fault counts against a peer only where it is the peer's own (SEMANTICS 2.3, 2.6).
 */
import { ProxyError, REASONS } from '#errors.ts';
import { ExchangeError } from '#net/exchange.ts';
import { asPeerFault } from '#peer/fault.ts';
import type { Passage } from './admit.ts';
import type { ClientExchange } from './client-exchange.ts';
import { exchangeWith } from './exchange-with.ts';
import { type Hop, nextHops } from './next-hops.ts';
import type { Transaction } from './transaction.ts';

/**
 * Resolves when the answer is relayed, or its connection has become a tunnel.
 * @throws {ProxyError} why there is no answer, or no whole one
 */
export async function forward(parts: ClientExchange, passage: Passage): Promise<void> {
  const { tx } = parts;
  let last: ProxyError | undefined;
  for await (const hop of nextHops(tx, passage)) {
    tx.peer = hop.peer?.name;
    tx.upstreamIp = hop.address;
    const release = hop.peer?.occupy();
    try {
      await exchangeWith(hop, parts);
      hop.peer?.succeeded();
      return;
    } catch (error) {
      last = noteFault(tx, hop, ProxyError.from(error));
      if (tx.abort.reason !== undefined || !isNextTried(error)) throw last;
    } finally {
      release?.();
    }
  }
  throw last ?? new ProxyError('destination_unavailable');
}

/** Whether nothing can have been seen by this hop, so that the next may be asked (SEMANTICS 2.3, 9). */
function isNextTried(error: unknown): boolean {
  return error instanceof ExchangeError ? error.phase === 'connecting' : false;
}

/** Tells a peer's fault from an origin's, and counts it against the peer only where it is the peer's own. */
function noteFault(tx: Transaction, hop: Hop, error: ProxyError): ProxyError {
  const { peer } = hop;
  if (peer === undefined) return error;
  const now = tx.context.tools.wheel.now();
  if (REASONS[error.reason].source === 'peer') peer.failed(error.reason, now);
  if (!(error instanceof ExchangeError)) return error;
  const fault = asPeerFault(peer.options, error);
  // An answer that is slow, or breaks off, is the target's as far as anyone can tell.
  const isPeersOwn = REASONS[fault.reason].retryable && error.reason !== 'response_timeout';
  if (isPeersOwn && error.phase !== 'answering') peer.failed(fault.reason, now);
  return fault;
}
