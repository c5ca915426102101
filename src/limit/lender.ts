/**
 * Counts the limits of one host for all of its workers. It lends in slices, so that a worker need not ask for each transaction:
 * large while much is left, single ones when little is, so that a small limit is exact. What is lent is counted as taken: all
 * workers together never get more than the limit allows, except that what they hold comes on top of a burst that has come in since.
 */
import type { Ask, Grant, Holding } from './lending.ts';
import { countKeys, idOf, type KeyCount } from './limit.ts';
import { type LimitClock, type MemoryQuota, MemoryStore } from './memory-store.ts';
import { isInner, type LimitOptions } from './options.ts';
import type { ShareOut } from './quota.ts';
import type { QuotaTable } from './quota-table.ts';

/** Of what is left, each worker is lent this part of its even share. */
const PART_OF_SHARE = 0.5;
/** Of the bandwidth that is left, at most this part is lent at once: some is left for who asks next. */
const PART_OF_BANDWIDTH = 0.5;

/** What is counted under one limit. */
interface Table {
  readonly name: string;
  readonly quotas: QuotaTable<MemoryQuota>;
}

/** Tunnels that a borrower holds, by its number of the quota: they go back to where they came from, whatever its key leads to then. */
type Held = Map<number, { readonly quota: MemoryQuota; readonly count: number }>;

export class Lender<Borrower> {
  readonly #store: MemoryStore;
  readonly #tables = new Map<string, Table>();
  readonly #held = new Map<Borrower, Held>();

  /** As those of {@link MemoryStore}. */
  constructor(clock?: LimitClock, hosts?: ShareOut) {
    this.#store = new MemoryStore(clock, hosts);
  }

  /** From now on these limits are in force; counts of others go when nobody needs them any more. */
  keep(limits: Readonly<Record<string, LimitOptions>>): void {
    const kept = new Set(Object.values(limits).map(idOf));
    for (const [id, { quotas }] of this.#tables)
      if (!kept.has(id) && isFresh(quotas)) this.#tables.delete(id);
  }

  /** Answers what was asked, in that order; `borrowers` is how many there are. */
  answer(borrower: Borrower, asks: readonly Ask[], borrowers: number): Grant[] {
    return asks.flatMap((ask) => {
      const quota = this.#held.get(borrower)?.get(ask.quota)?.quota ?? this.#quotaOf(ask);
      if (ask.kind === 'take') return [this.#lend(borrower, quota, { ask, borrowers })];
      if (ask.kind === 'charge') quota.charge(ask.amount);
      else this.#takeBack(borrower, quota, ask);
      return [];
    });
  }

  /** The borrower holds these tunnels already. Those that a limit has no room for any more are not counted. */
  restore(borrower: Borrower, holdings: readonly Holding[]): void {
    for (const { limit, key, quota: number, count } of holdings) {
      const quota = this.#quotaOf({ limit, key });
      this.#hold(borrower, number, { quota, change: quota.take('tunnels', count) });
    }
  }

  /** The borrower is gone, and its tunnels with it. */
  forget(borrower: Borrower): void {
    for (const { quota, count } of this.#held.get(borrower)?.values() ?? []) quota.giveBack('tunnels', count);
    this.#held.delete(borrower);
  }

  /** Of the limits that are counted and that a configuration names. */
  keyCounts(): KeyCount[] {
    return [...this.#tables.values()]
      .filter(({ name }) => !isInner(name))
      .map(({ name, quotas }) => countKeys(name, quotas));
  }

  #quotaOf({ limit, key }: Pick<Ask, 'limit' | 'key'>): MemoryQuota {
    const id = idOf(limit);
    let table = this.#tables.get(id);
    if (table === undefined) {
      table = { name: limit.name, quotas: this.#store.open(limit) };
      this.#tables.set(id, table);
    }
    return table.quotas.of(key);
  }

  #lend(
    borrower: Borrower,
    quota: MemoryQuota,
    { ask, borrowers }: { readonly ask: Ask; readonly borrowers: number },
  ): Grant {
    const { resource, amount } = ask;
    const left = quota.left(resource);
    const slice = Math.floor((left / Math.max(1, borrowers)) * PART_OF_SHARE);
    const most = resource === 'bandwidth' ? Math.max(1, Math.floor(left * PART_OF_BANDWIDTH)) : left;
    const granted = quota.take(resource, Math.min(Math.max(amount, slice), Math.max(1, Math.floor(most))));
    if (resource === 'tunnels') this.#hold(borrower, ask.quota, { quota, change: granted });
    return { quota: ask.quota, resource, granted, retryMs: quota.retryMs(resource) };
  }

  /** Of tunnels no more than it holds. */
  #takeBack(borrower: Borrower, quota: MemoryQuota, { resource, amount, quota: number }: Ask): void {
    const holds = this.#held.get(borrower)?.get(number)?.count ?? 0;
    const back = resource === 'tunnels' ? Math.min(amount, holds) : amount;
    quota.giveBack(resource, back);
    if (resource === 'tunnels') this.#hold(borrower, number, { quota, change: -back });
  }

  #hold(
    borrower: Borrower,
    number: number,
    { quota, change }: { readonly quota: MemoryQuota; readonly change: number },
  ): void {
    const held: Held = this.#held.get(borrower) ?? new Map();
    this.#held.set(borrower, held);
    const count = (held.get(number)?.count ?? 0) + change;
    if (count === 0) held.delete(number);
    else held.set(number, { quota, count });
  }
}

function isFresh(table: QuotaTable<MemoryQuota>): boolean {
  for (const quota of table.values()) if (!quota.isFresh) return false;
  return true;
}
