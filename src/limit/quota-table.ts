/**
 * The quotas of one limit by key, bounded in number. What is forgotten is only what nothing tells from a new one: a client that
 * is over its limit never gets a fresh quota by having others push its own out. When all are in use, further keys share one; and
 * long before that those of one owner who has very many, so that it does not take the room of all others.
 */
import { List } from '#net/list.ts';
import type { Quota, Quotas } from './quota.ts';

/** About 20 MB where all of them are in use. */
const MAX_KEYS = 65_536;
const MAX_OF_OWNER = 1024;
/** So many of the oldest are looked at for each new one; more than one, so that the table shrinks again. */
const LOOKED_AT = 4;
/** Key of what those share for whom there is no room. No key of a client's looks like it. */
const REST = '(rest)';

export interface QuotaTableParts<Q extends Quota> {
  readonly make: (key: string) => Q;
  /** Whose a key is; under it the owner's keys are counted together that are too many. @default each key is its own */
  readonly ownerOf?: ((key: string) => string) | undefined;
  readonly max?: number;
  readonly maxOfOwner?: number;
}

export class QuotaTable<Q extends Quota> implements Quotas {
  readonly #quotas = new Map<string, Q>();
  /** Those of the map, in the order in which they were last looked at. */
  readonly #order = new List<Quota>();
  /** How many keys of the map an owner has that is not itself its only one. */
  readonly #owned = new Map<string, number>();
  readonly #make: (key: string) => Q;
  readonly #ownerOf: (key: string) => string;
  readonly #max: number;
  readonly #maxOfOwner: number;
  #rest: Q | undefined = undefined;
  #crowded = 0;

  constructor({
    make,
    ownerOf = (key) => key,
    max = MAX_KEYS,
    maxOfOwner = MAX_OF_OWNER,
  }: QuotaTableParts<Q>) {
    this.#make = make;
    this.#ownerOf = ownerOf;
    this.#max = max;
    this.#maxOfOwner = maxOfOwner;
  }

  get size(): number {
    return this.#quotas.size;
  }

  get crowded(): number {
    return this.#crowded;
  }

  /** All that are known, and the one that is shared. */
  *values(): Iterable<Q> {
    yield* this.#quotas.values();
    if (this.#rest !== undefined) yield this.#rest;
  }

  of(key: string): Q {
    const known = this.#quotas.get(key);
    if (known !== undefined) return known;
    const owner = this.#ownerOf(key);
    const isTooMany = owner !== key && (this.#owned.get(owner) ?? 0) >= this.#maxOfOwner;
    const quota = isTooMany ? (this.#quotas.get(owner) ?? this.#add(owner, owner)) : this.#add(key, owner);
    if (quota.key !== key) this.#crowded += 1;
    return quota;
  }

  #add(key: string, owner: string): Q {
    this.#forget();
    if (this.#quotas.size >= this.#max) {
      this.#rest ??= this.#make(REST);
      return this.#rest;
    }
    const quota = this.#make(key);
    this.#quotas.set(key, quota);
    this.#order.add(quota);
    this.#count(key, owner, 1);
    return quota;
  }

  /** Forgets those of the oldest that are fresh; the others are looked at again when all have been. */
  #forget(): void {
    for (let looked = 0; looked < LOOKED_AT; looked += 1) {
      const oldest = this.#order.first;
      if (oldest === undefined) return;
      this.#order.remove(oldest);
      if (oldest.claims > 0 || !oldest.isFresh) this.#order.add(oldest);
      else {
        this.#quotas.delete(oldest.key);
        this.#count(oldest.key, this.#ownerOf(oldest.key), -1);
      }
    }
  }

  #count(key: string, owner: string, change: 1 | -1): void {
    if (owner === key) return;
    const count = (this.#owned.get(owner) ?? 0) + change;
    if (count === 0) this.#owned.delete(owner);
    else this.#owned.set(owner, count);
  }
}
