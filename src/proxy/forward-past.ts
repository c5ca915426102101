/** Requests that the cache never answers: forwarded past it. What they change is kept no more (RFC 9111 section 4.4). */
import { isUnsafe } from '#cache/answerable.ts';
import { renderCacheStatus } from '#cache/cache-status.ts';
import type { RawHeaders } from '#net/headers.ts';
import type { Passage } from './admit.ts';
import type { ClientExchange } from './client-exchange.ts';
import { forward } from './forward.ts';

export function forwardPast(exchange: ClientExchange, passage: Passage): Promise<void> {
  const { tx } = exchange;
  tx.cache = 'bypass';
  const forwarded = isUnsafe(tx.method) ? 'method' : 'bypass';
  const field = ['Cache-Status', renderCacheStatus({ hop: tx.context.hop, forwarded })];
  const invalidate = isUnsafe(tx.method) ? invalidating(exchange) : undefined;
  const onAnswer = (status: number, headers: RawHeaders): RawHeaders => {
    invalidate?.(status, headers);
    return field;
  };
  return forward({ ...exchange, onAnswer }, passage);
}

/** To be told of the answer to an unsafe request. */
export function invalidating({ tx }: ClientExchange): NonNullable<ClientExchange['onAnswer']> {
  return (status, headers) => {
    tx.context.cache.invalidate(tx.requestUrl as string, { status, headers });
    return [];
  };
}
