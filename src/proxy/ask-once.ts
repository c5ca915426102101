/** The next hop is asked for what is not kept, or is over its time: once for all who come for the same meanwhile. */
import { asRevalidation, revalidationFields } from '#cache/conditional.ts';
import type { Entry } from '#cache/entry.ts';
import { type MayServe, NEVER } from '#cache/plan.ts';
import type { RawHeaders } from '#net/headers.ts';
import type { Passage } from './admit.ts';
import { type Asking, passageAtOnce, type Wish } from './cache-wish.ts';
import { Fetch } from './fetch.ts';
import type { AskedAbout } from './fetched.ts';
import { follow } from './follow.ts';
import { launch } from './launch-fetch.ts';

const ALWAYS: MayServe = { onError: true, onSilence: true };
/** A request with one of these is not content with what somebody else was told. */
const PICKY = ['no-cache', 'no-store', 'max-age', 'min-fresh'];

/** The next hop is asked once for all who come for the same meanwhile, where one answer is good for all of them. */
export async function ask(wish: Wish, plan: Asking): Promise<void> {
  const { exchange, passage, directives, partition } = wish;
  const { cache } = exchange.tx.context;
  const isPicky = PICKY.some((name) => directives.has(name));
  const other = isPicky ? undefined : cache.flightOf(exchange.tx.requestUrl as string, partition);
  const isWaiting = other instanceof Fetch;
  if (isWaiting && (await follow({ wish, plan, fetch: other, isFirst: false }))) return;
  // Who has waited asks anew where the name leads to.
  const fetch = begin(wish, plan, isWaiting ? passage : passageAtOnce(wish));
  if (await follow({ wish, plan, fetch, isFirst: true })) return;
  // It was about something else than what is kept, which is not asked about any more.
  const anew: Asking = { ...plan, kept: undefined, mayServe: NEVER };
  await follow({ wish, plan: anew, fetch: begin(wish, anew, passage), isFirst: true });
}

function begin(wish: Wish, { kept, mayServe }: Asking, passage: Passage): Fetch {
  const { exchange, directives, partition } = wish;
  const { tx, request, response } = exchange;
  const fetch = new Fetch({
    tx,
    desk: tx.context.cache,
    partition,
    request,
    directives,
    asked: kept && asking(request.rawHeaders, kept, mayServe),
    response,
  });
  launch(fetch, passage);
  return fetch;
}

function asking(headers: RawHeaders, entry: Entry, mayServe: MayServe): AskedAbout {
  return { entry, headers: asRevalidation(headers, revalidationFields(entry) ?? []), mayServe };
}

/** What is kept was used over its time; the next hop is asked about it, though nobody waits for that. */
export function refresh({ exchange, passage, directives, partition }: Wish, kept: Entry): void {
  const { tx, request } = exchange;
  const { cache } = tx.context;
  if (cache.flightOf(kept.url, partition) !== undefined) return;
  const asked = asking(request.rawHeaders, kept, ALWAYS);
  const parts = { tx, desk: cache, partition, request, directives, asked, response: undefined };
  launch(new Fetch(parts), passage);
}
