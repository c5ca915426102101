/** HEAD that nothing kept answers: forwarded, and what is kept is judged by its answer. */
import { renderCacheStatus } from '#cache/cache-status.ts';
import { isConfirmedByHead, refreshed } from '#cache/conditional.ts';
import { keptFields } from '#cache/storable.ts';
import { endToEnd, FieldNames, type RawHeaders } from '#net/headers.ts';
import { type Asking, passageAtOnce, type Wish } from './cache-wish.ts';
import { forward } from './forward.ts';

const NOTHING = new FieldNames([]);

/** Its answer is not kept; what is kept it can confirm, or take away (RFC 9111 section 4.3.5). */
export function forwardHead(wish: Wish, { why, kept }: Asking): Promise<void> {
  const { exchange } = wish;
  const { hop, cache } = exchange.tx.context;
  const requestMs = Date.now();
  const onAnswer = (status: number, headers: RawHeaders): RawHeaders => {
    if (kept !== undefined && status === 200) {
      const answerMs = Date.now();
      const fields = keptFields(endToEnd(headers, NOTHING), answerMs);
      if (isConfirmedByHead(headers, kept))
        cache.store.renew(kept, refreshed(kept, { headers: fields, requestMs, answerMs }));
      else cache.store.remove(kept);
    }
    return ['Cache-Status', renderCacheStatus({ hop, forwarded: why })];
  };
  return forward({ ...exchange, onAnswer }, passageAtOnce(wish));
}
