/** A process that counts its limits in Redis: its connection, what it asks there, and what it asks where Redis is away. */
import { randomBytes } from 'node:crypto';
import { BorrowingStore } from '#limit/borrowing-store.ts';
import { Lender } from '#limit/lender.ts';
import type { Ask, Grant } from '#limit/lending.ts';
import { MemoryStore, SYSTEM_CLOCK } from '#limit/memory-store.ts';
import { isInner, type LimitOptions, type RedisOptions } from '#limit/options.ts';
import type { LimitStore, Quotas, ShareOut } from '#limit/quota.ts';
import { RedisConnection } from './client.ts';
import { SharedCounts, type SharedCountsParts } from './shared-counts.ts';

/** As much of a log as this takes. */
interface StoreLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

type OpenParts = Pick<SharedCountsParts, 'answer' | 'insurance' | 'forfeit'> & { readonly log: StoreLog };

/** Counts in Redis, with its connection. */
export interface OpenCounts {
  readonly counts: SharedCounts;
  /** Never rejects. */
  close(): Promise<void>;
}

/** Connects, now and for as long as it takes. */
export function openCounts(
  options: RedisOptions,
  { log, answer, insurance, forfeit }: OpenParts,
): OpenCounts {
  const facts = { redis: `${options.host}:${options.port}` };
  const redis = new RedisConnection(options, {
    onReady: () => counts.ready(),
    onError: ({ message }) => counts.failed(message),
  });
  const counts = new SharedCounts({
    redis,
    answer,
    insurance,
    forfeit,
    timeoutMs: options.timeoutMs,
    holder: randomBytes(12).toString('hex'),
    onChange(isUp, why) {
      if (isUp) log.info(facts, 'Redis counts the limits');
      else
        log.warn(
          { ...facts, why },
          'Redis does not count the limits, each host counts its share until it is back',
        );
    },
  });
  redis.open();
  return {
    counts,
    async close() {
      await counts.end();
      redis.close();
    },
  };
}

/** Limits of a process on its own: those of the configuration in Redis, those of Weir itself in memory. */
export class RedisStore implements LimitStore {
  readonly #memory: MemoryStore;
  readonly #borrowing: BorrowingStore;
  readonly #open: OpenCounts;

  constructor(options: RedisOptions, log: StoreLog, hosts: ShareOut) {
    const insurance = new Lender<RedisStore>(undefined, hosts);
    this.#memory = new MemoryStore(SYSTEM_CLOCK, hosts);
    this.#borrowing = new BorrowingStore((asks) => this.#open.counts.ask(asks));
    this.#open = openCounts(options, {
      log,
      answer: (grants: readonly Grant[]) => this.#borrowing.receive(grants),
      forfeit: () => this.#borrowing.forfeit(),
      insurance: (asks: readonly Ask[]) => this.#open.counts.insured(insurance.answer(this, asks, 1)),
    });
  }

  get isUp(): boolean {
    return this.#open.counts.isUp;
  }

  open(options: LimitOptions): Quotas {
    return isInner(options.name) ? this.#memory.open(options) : this.#borrowing.open(options);
  }

  /** Never rejects. */
  close(): Promise<void> {
    return this.#open.close();
  }
}
