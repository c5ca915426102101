/** Requests that the cache never answers: forwarded past it. What they change is kept no more (RFC 9111 section 4.4). */
import { isUnsafe } from '#cache/answerable.ts';
import { type Passage, vetDestination } from './admit.ts';
import type { ClientExchange } from './client-exchange.ts';
import { forward } from './forward.ts';

type OnAnswer = NonNullable<ClientExchange['onAnswer']>;

/** What the guard refuses the cache is not asked for, as with those that it may answer (look-up.ts). */
export function forwardPast(exchange: ClientExchange, passage: Passage): Promise<void> {
  if (!passage.route.direct) return forwardVetted(exchange, passage);
  const vetted = vetDestination(exchange.tx, passage.permit);
  return vetted instanceof Promise
    ? vetted.then((addresses) => forwardVetted(exchange, { ...passage, vetted: addresses }))
    : forwardVetted(exchange, { ...passage, vetted });
}

function forwardVetted(exchange: ClientExchange, passage: Passage): Promise<void> {
  const { tx } = exchange;
  const mayChange = isUnsafe(tx.method);
  tx.cache = 'bypass';
  tx.askedBecause = mayChange ? 'method' : 'bypass';
  const onAnswer = mayChange ? invalidatingAndTelling(exchange) : tx.context.pastFields.bypass;
  return forward({ ...exchange, onAnswer }, passage);
}

function invalidatingAndTelling(exchange: ClientExchange): OnAnswer {
  const invalidate = invalidating(exchange);
  return (status, headers) => {
    invalidate(status, headers);
    return exchange.tx.context.pastFields.method();
  };
}

/** To be told of the answer to an unsafe request. */
export function invalidating({ tx }: ClientExchange): OnAnswer {
  return (status, headers) => {
    tx.context.cache.invalidate(tx.requestUrl as string, { status, headers });
    return [];
  };
}
