/** What the cache did before it turned out that there is no answer but one of our own: that says it as any other does. */
import { renderCacheStatus } from '#cache/cache-status.ts';
import type { Reply } from './reply.ts';
import type { Transaction } from './transaction.ts';

/** The answer as it is where the cache was not asked. */
export function withCacheStatus(tx: Transaction, reply: Reply): Reply {
  const { cache, askedBecause: forwarded, reason, context } = tx;
  if (cache === undefined) return reply;
  const word = { hop: context.hop, forwarded, hasNothing: true, detail: reason };
  return { ...reply, headers: [...reply.headers, 'Cache-Status', renderCacheStatus(word)] };
}
