/** Gives one client what a fetch brings, whether it was begun for this client or another; or what is kept, where nothing comes. */
import type { Entry } from '#cache/entry.ts';
import { planFor } from '#cache/plan.ts';
import { selectionOf } from '#cache/vary.ts';
import { ProxyError } from '#errors.ts';
import type { Asking, Wish } from './cache-wish.ts';
import { noteFault, noteWay } from './detached.ts';
import type { Fetch } from './fetch.ts';
import { type Fetched, isNoAnswer, mayServeFor } from './fetched.ts';
import { serveComing } from './forward-from-cache.ts';
import { serveStored } from './forward-from-disk.ts';

export interface Following {
  readonly wish: Wish;
  readonly plan: Asking;
  readonly fetch: Fetch;
  /** It was begun for this client. */
  readonly isFirst: boolean;
}

/** Gives the client what a fetch brings. @returns false where that is not for it */
export async function follow(following: Following): Promise<boolean> {
  const { wish, fetch, isFirst } = following;
  const { tx } = wish.exchange;
  // From here on the clocks of the fetch count.
  tx.deadline.clear();
  tx.phase = undefined;
  fetch.join();
  try {
    const fetched = await headOf(following);
    return await give(following, fetched);
  } finally {
    if (isFirst) noteWay(tx, fetch.view);
    fetch.leave();
  }
}

/** Undefined where nothing came, and what is kept may be used for that. */
async function headOf({ wish, plan, fetch }: Following): Promise<Fetched | undefined> {
  const { abort } = wish.exchange.tx;
  try {
    return await abort.race(fetch.head.promise);
  } catch (thrown) {
    const isSilence = isNoAnswer(ProxyError.from(thrown).reason);
    if (isSilence && plan.mayServe.onSilence && abort.reason === undefined) return undefined;
    throw thrown;
  }
}

async function give(following: Following, fetched: Fetched | undefined): Promise<boolean> {
  const { wish, plan, fetch, isFirst } = following;
  const { exchange } = wish;
  const word = { forwarded: plan.why, isCollapsed: !isFirst };
  if (fetched === undefined || fetched.kind === 'failing') {
    if (plan.kept === undefined) return false;
    if (fetched !== undefined && !mayServeFor(fetched, plan.mayServe)) return false;
    return await serveStored(exchange, plan.kept, {
      ...word,
      result: 'stale',
      forwardStatus: fetched?.status,
    });
  }
  if (fetched.kind === 'unknown' || !(isFirst || isFor(following, fetched.entry))) return false;
  if (fetched.kind === 'confirmed') {
    return await serveStored(exchange, fetched.entry, { ...word, result: 'revalidated', forwardStatus: 304 });
  }
  if (isFirst) noteFault(exchange.tx, fetch.view);
  const isStored = fetched.entry !== undefined;
  await serveComing(
    exchange,
    { fetch, answer: fetched, isFirst },
    { ...word, result: 'miss', isStored, detail: fetched.whyNot },
  );
  return true;
}

/** Whether an answer that was asked for by another request is good for this one. */
function isFor({ wish, fetch }: Following, entry: Entry | undefined): boolean {
  if (entry === undefined || fetch.incoming.body?.isReadable === false) return false;
  const { request } = wish.exchange;
  if (selectionOf(entry.names, request.rawHeaders) !== entry.selection) return false;
  return planFor(wish.directives, entry, Date.now()).act === 'serve';
}
