/** One exchange with one next hop, streaming both ways, by the pool or `node:http`; a 101 makes a tunnel of it. */
import { ExchangeError } from '#net/exchange.ts';
import { exchangeByHttp } from '#net/http-exchange.ts';
import { type ClientExchange, hasBody } from './client-exchange.ts';
import { composeRequest, feedBody, needsNodeHttp } from './compose-request.ts';
import type { Hop } from './next-hops.ts';
import { ResponseRelay } from './response-relay.ts';
import { watchStall } from './stall-clock.ts';
import { openUpgraded } from './upgrade.ts';

/** Safe to send again when a kept connection turns out to be dead (RFC 9112 section 9.3.1). */
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Resolves when the answer is relayed, or the tunnel over. Repeated once, on a new connection, where a kept one had died before
 * it could answer: another kept one may be as dead.
 * @throws {ProxyError} why there is no answer, or no whole one
 */
export async function exchangeWith(hop: Hop, parts: ClientExchange): Promise<void> {
  try {
    await exchange(parts, hop, false);
  } catch (error) {
    const isStale = error instanceof ExchangeError && error.phase === 'stale';
    const isSafe = REPEATABLE.has(parts.tx.method) && !hasBody(parts.request);
    if (!isStale || !isSafe || parts.tx.abort.reason !== undefined) throw error;
    await exchange(parts, hop, true);
  }
}

async function exchange(parts: ClientExchange, hop: Hop, isFresh: boolean): Promise<void> {
  const { tx, request, response, upgrade, onAnswer } = parts;
  const outgoing = composeRequest(parts, hop, isFresh);
  const onSent = (): void => {
    feedBody(parts, outgoing);
    watchStall(parts);
  };
  const mayAskNext = !hop.isLast && !hasBody(request);
  const relay = new ResponseRelay({ tx, response, hop, upgrade, mayAskNext, onSent, onAnswer });
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
    relay.release();
    outgoing.body?.destroy();
  }
}
