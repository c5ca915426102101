/** Requests that the cache never answers: forwarded past it. What they change is kept no more (RFC 9111 section 4.4). */
import { isUnsafe } from '#cache/answerable.ts';
import { type Forwarded, renderCacheStatus } from '#cache/cache-status.ts';
import type { RawHeaders } from '#net/headers.ts';
import { type Passage, vetDestination } from './admit.ts';
import type { ClientExchange } from './client-exchange.ts';
import { forward } from './forward.ts';

/** What the guard refuses the cache is not asked for, as with those that it may answer (look-up.ts). */
export async function forwardPast(exchange: ClientExchange, passage: Passage): Promise<void> {
  const { tx } = exchange;
  const { route, permit } = passage;
  const vetted = route.direct ? await vetDestination(tx, permit) : undefined;
  const mayChange = isUnsafe(tx.method);
  const forwarded: Forwarded = mayChange ? 'method' : 'bypass';
  tx.cache = 'bypass';
  tx.forwarded = forwarded;
  const field = ['Cache-Status', renderCacheStatus({ hop: tx.context.hop, forwarded })];
  const invalidate = mayChange ? invalidating(exchange) : undefined;
  const onAnswer = (status: number, headers: RawHeaders): RawHeaders => {
    invalidate?.(status, headers);
    return field;
  };
  await forward({ ...exchange, onAnswer }, { route, permit, vetted });
}

/** To be told of the answer to an unsafe request. */
export function invalidating({ tx }: ClientExchange): NonNullable<ClientExchange['onAnswer']> {
  return (status, headers) => {
    tx.context.cache.invalidate(tx.requestUrl as string, { status, headers });
    return [];
  };
}
