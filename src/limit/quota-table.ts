/**
 * The quotas of one limit by key, bounded in number. What is forgotten is only what nothing tells from a new one: a client that
 * is over its limit never gets a fresh quota by having others push its own out. When all are in use, further keys share one.
 */
import { List } from '#net/list.ts';
import type { Quota, Quotas } from './quota.ts';

/** About 20 MB where all of them are in use. */
const MAX_KEYS = 65_536;
/** So many of the oldest are looked at for each new one; more than one, so that the table shrinks again. */
const LOOKED_AT = 4;
/** Key of what those share for whom there is no room. No key of a client's looks like it. */
const REST = '(rest)';

export class QuotaTable<Q extends Quota> implements Quotas {
  readonly #quotas = new Map<string, Q>();
  /** Those of the map, in the order in which they were last looked at. */
  readonly #order = new List<Quota>();
  readonly #make: (key: string) => Q;
  readonly #max: number;
  #rest: Q | undefined = undefined;

  constructor(make: (key: string) => Q, max = MAX_KEYS) {
    this.#make = make;
    this.#max = max;
  }

  get size(): number {
    return this.#quotas.size;
  }

  /** All that are known. */
  values(): Iterable<Q> {
    return this.#quotas.values();
  }

  of(key: string): Q {
    const known = this.#quotas.get(key);
    if (known !== undefined) return known;
    this.#forget();
    if (this.#quotas.size >= this.#max) {
      this.#rest ??= this.#make(REST);
      return this.#rest;
    }
    const quota = this.#make(key);
    this.#quotas.set(key, quota);
    this.#order.add(quota);
    return quota;
  }

  /** Forgets those of the oldest that are fresh; the others are looked at again when all have been. */
  #forget(): void {
    for (let looked = 0; looked < LOOKED_AT; looked += 1) {
      const oldest = this.#order.first;
      if (oldest === undefined) return;
      this.#order.remove(oldest);
      if (oldest.claims === 0 && oldest.isFresh) this.#quotas.delete(oldest.key);
      else this.#order.add(oldest);
    }
  }
}
