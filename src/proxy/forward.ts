/**
 * Plain HTTP: one request to the next hop and its answer back, streaming both ways. Fields of this hop are removed, Host
 * is written anew from the target, Via added; path bytes stay as they came (SEMANTICS 2.3).
 */
import { ProxyError, REASONS } from '#errors.ts';
import { ExchangeError } from '#net/exchange.ts';
import { exchangeByHttp } from '#net/http-exchange.ts';
import { asPeerFault } from '#peer/fault.ts';
import type { Passage } from './admit.ts';
import { composeRequest, feedBody, hasBody, needsNodeHttp } from './compose-request.ts';
import { type Hop, nextHops } from './next-hops.ts';
import { ResponseRelay } from './response-relay.ts';
import { watchStall } from './stall-clock.ts';
import type { Transaction } from './transaction.ts';
import { openUpgraded, type UpgradeParts } from './upgrade.ts';

/** Safe to send again when a kept connection turns out to be dead (RFC 9110 section 9.2.2). */
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Resolves when the answer is relayed, or its connection has become a tunnel.
 * @throws {ProxyError} why there is no answer, or no whole one
 */
export async function forward(parts: UpgradeParts, passage: Passage): Promise<void> {
  const { tx } = parts;
  let last: ProxyError | undefined;
  for await (const hop of nextHops(tx, passage)) {
    tx.peer = hop.peer?.name;
    tx.upstreamIp = hop.address;
    const release = hop.peer?.occupy();
    try {
      await exchangeOnce(parts, hop);
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

/** One exchange; repeated once where a kept connection had died before it could answer. */
async function exchangeOnce(parts: UpgradeParts, hop: Hop): Promise<void> {
  try {
    await exchange(parts, hop);
  } catch (error) {
    const isStale =
      error instanceof ExchangeError && error.phase === 'sent' && error.reason === 'connection_terminated';
    const isSafe = REPEATABLE.has(parts.tx.method) && !hasBody(parts.request) && !parts.response.headersSent;
    if (!isStale || !isSafe || parts.tx.abort.reason !== undefined) throw error;
    await exchange(parts, hop);
  }
}

async function exchange(parts: UpgradeParts, hop: Hop): Promise<void> {
  const { tx, request, response } = parts;
  const outgoing = composeRequest(parts, hop);
  const onSent = (): void => {
    feedBody(request, outgoing);
    watchStall(parts);
  };
  const relay = new ResponseRelay({ tx, response, hop, onSent });
  try {
    if (!needsNodeHttp(parts)) {
      await tx.context.http.exchange(outgoing, relay, tx.abort);
    } else {
      const switched = await exchangeByHttp(tx.context.tools, outgoing, { sink: relay, abort: tx.abort });
      if (switched !== undefined) {
        await openUpgraded(parts, switched);
        return;
      }
    }
    await relay.finished();
  } finally {
    outgoing.body?.destroy();
  }
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
  // A slow answer is the target's as far as anyone can tell.
  if (error.reason !== 'response_timeout') peer.failed(fault.reason, now);
  return fault;
}
