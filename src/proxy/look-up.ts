/**
 * A request of a rule with `cache: true` that what is kept may answer (RFC 9111). Comes after the decision: a client gets what is kept
 * only where its own request is allowed, by the rule, over the route, and to the addresses that the name leads to now.
 */
import type { BackedStore } from '#cache/backed-store.ts';
import { requestDirectives } from '#cache/directives.ts';
import type { Found } from '#cache/memory-store.ts';
import { type Passage, vetDestination } from './admit.ts';
import { answerBy } from './answer-kept.ts';
import type { Wish } from './cache-wish.ts';
import type { ClientExchange } from './client-exchange.ts';
import { partitionOf } from './partition.ts';

/**
 * Undefined where it is answered at once.
 * @throws {ProxyError} `not_cached`; as {@link vetDestination}, and as forwarding does
 */
export function lookUp(exchange: ClientExchange, passage: Passage): Promise<void> | undefined {
  const { tx } = exchange;
  // What is kept has come from addresses that the guard had nothing against; it is asked again for each who gets it.
  const vetted = passage.route.direct ? vetDestination(tx, passage.permit) : undefined;
  return vetted instanceof Promise
    ? vetted.then((addresses) => answerVetted(exchange, passage, addresses))
    : answerVetted(exchange, passage, vetted);
}

function answerVetted(
  exchange: ClientExchange,
  passage: Passage,
  vetted: Wish['vetted'],
): Promise<void> | undefined {
  const { tx, request } = exchange;
  tx.cache = 'miss';
  const directives = requestDirectives(request.rawHeaders);
  const wish = { exchange, passage, vetted, directives, partition: partitionOf(tx, passage) };
  const { store, backed } = tx.context.cache;
  const found = store.find(tx.requestUrl as string, wish.partition, request.rawHeaders);
  return found.entry === undefined && backed !== undefined
    ? answerFromDisk(wish, backed, found)
    : answerBy(wish, found);
}

async function answerFromDisk(wish: Wish, backed: BackedStore, found: Found): Promise<void> {
  const { tx, request } = wish.exchange;
  const seeking = backed.seek(tx.requestUrl as string, wish.partition, request.rawHeaders);
  const { entry, hasOthers } = await tx.abort.race(seeking);
  await answerBy(wish, { entry, hasOthers: hasOthers || found.hasOthers });
}
