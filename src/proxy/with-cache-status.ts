/** Errors that a client gets of this proxy after its cache was asked: they say what that did, as answers of the cache do. */
import { renderCacheStatus } from '#cache/cache-status.ts';
import type { Reply } from './reply.ts';
import type { Transaction } from './transaction.ts';

/** With Cache-Status; the reply as it is where the cache was not asked. */
export function withCacheStatus(tx: Transaction, reply: Reply): Reply {
  const { cache, askedBecause: forwarded, reason, context } = tx;
  if (cache === undefined) return reply;
  const member = renderCacheStatus({ hop: context.hop, forwarded, gives: 'error', detail: reason });
  return { ...reply, headers: [...reply.headers, 'Cache-Status', member] };
}
