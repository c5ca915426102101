/** What becomes of a request once it is known what is kept for it: it is answered with that, or the next hop is asked (RFC 9111 section 4). */
import { type Entry, isHeld } from '#cache/entry.ts';
import { type Found, NOTHING } from '#cache/memory-store.ts';
import { planFor, planMiss } from '#cache/plan.ts';
import { ProxyError } from '#errors.ts';
import { ask, refresh } from './ask-once.ts';
import type { Asking, Wish } from './cache-wish.ts';
import type { Word } from './cached-head.ts';
import { serveKept } from './forward-from-cache.ts';
import { serveStored } from './forward-from-disk.ts';
import { forwardHead } from './forward-head.ts';

/** At once where it is in memory, and the client takes it. @throws {ProxyError} `not_cached` */
export function answerBy(wish: Wish, { entry, hasOthers }: Found): Promise<void> | undefined {
  const { exchange, directives } = wish;
  const plan = entry === undefined ? planMiss(directives, hasOthers) : planFor(directives, entry, Date.now());
  if (plan.act === 'refuse') throw new ProxyError('not_cached');
  if (plan.act === 'ask') return askNext(wish, plan);
  const kept = entry as Entry;
  if (plan.refreshes) refresh(wish, kept);
  const word: Word = { result: plan.isStale ? 'stale' : 'hit' };
  return isHeld(kept) ? serveKept(exchange, kept, word) : answerFromDisk(wish, kept, word);
}

function askNext(wish: Wish, plan: Asking): Promise<void> {
  const { tx } = wish.exchange;
  tx.askedBecause = plan.why;
  return tx.method === 'HEAD' ? forwardHead(wish, plan) : ask(wish, plan);
}

async function answerFromDisk(wish: Wish, kept: Entry, word: Word): Promise<void> {
  if (!(await serveStored(wish.exchange, kept, word))) await answerBy(wish, NOTHING);
}
