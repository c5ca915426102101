/**
 * A request of a rule with `cache: true` that what is kept may answer (RFC 9111). Comes after the decision: a client gets what is kept
 * only where its own request is allowed, by the rule, over the route, and to the addresses that the name leads to now.
 */
import { requestDirectives } from '#cache/directives.ts';
import type { Entry } from '#cache/entry.ts';
import { planFor, planMiss } from '#cache/plan.ts';
import { ProxyError } from '#errors.ts';
import { type Passage, vetDestination } from './admit.ts';
import { ask, refresh } from './ask-once.ts';
import type { ClientExchange } from './client-exchange.ts';
import { serveKept } from './forward-from-cache.ts';
import { forwardHead } from './forward-head.ts';
import { partitionOf } from './partition.ts';

/**
 * Undefined where it is answered at once.
 * @throws {ProxyError} `not_cached`; as {@link vetDestination}, and as forwarding does
 */
export function lookUp(exchange: ClientExchange, passage: Passage): Promise<void> | undefined {
  const { tx } = exchange;
  tx.cache = 'miss';
  // What is kept has come from addresses that the guard had nothing against; it is asked again for each who gets it.
  const vetted = passage.route.direct ? vetDestination(tx, passage.permit) : undefined;
  return vetted instanceof Promise
    ? vetted.then(() => answerVetted(exchange, passage))
    : answerVetted(exchange, passage);
}

function answerVetted(exchange: ClientExchange, passage: Passage): Promise<void> | undefined {
  const { tx, request } = exchange;
  const directives = requestDirectives(request.rawHeaders);
  const partition = partitionOf(tx, passage);
  const { store } = tx.context.cache;
  const { entry, hasOthers } = store.find(tx.requestUrl as string, partition, request.rawHeaders);
  const plan = entry === undefined ? planMiss(directives, hasOthers) : planFor(directives, entry, Date.now());
  const wish = { exchange, passage, directives, partition };
  if (plan.act === 'refuse') throw new ProxyError('not_cached');
  if (plan.act === 'ask') return tx.method === 'HEAD' ? forwardHead(wish, plan) : ask(wish, plan);
  if (plan.refreshes) refresh(wish, entry as Entry);
  return serveKept(exchange, entry as Entry, { result: plan.isStale ? 'stale' : 'hit' });
}
