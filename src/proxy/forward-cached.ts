/** Plain HTTP as its rule says: from the cache and into it where the rule has `cache: true` and the request is of that kind. */
import { cacheUse, isUnsafe } from '#cache/answerable.ts';
import type { Passage } from './admit.ts';
import type { ClientExchange } from './client-exchange.ts';
import { forward } from './forward.ts';
import { forwardPast, invalidating } from './forward-past.ts';
import { lookUp } from './look-up.ts';

/**
 * Forwards the request as its rule says: through the cache or past it. What it changes is kept no more, whichever rule it is. Undefined
 * where it is answered at once.
 */
export function forwardByRule(exchange: ClientExchange, passage: Passage): Promise<void> | undefined {
  const { tx, request, upgrade } = exchange;
  if (!passage.permit.rule.cache) {
    const mayChange = tx.context.cache.isUsed && isUnsafe(tx.method);
    return forward(mayChange ? { ...exchange, onAnswer: invalidating(exchange) } : exchange, passage);
  }
  const use = cacheUse(tx.method, request.rawHeaders, upgrade);
  return use === 'answer' ? lookUp(exchange, passage) : forwardPast(exchange, passage);
}
