/** Limits as a worker counts them: lent by its supervisor, or in Redis, and on its own while it has no supervisor. */
import type { Config } from '#config/config.ts';
import { BorrowingStore } from '#limit/borrowing-store.ts';
import type { Ask, Grant, Holding } from '#limit/lending.ts';
import type { ShareOut } from '#limit/quota.ts';
import { type OpenCounts, openCounts } from '#redis/store.ts';
import type { ServiceRecords } from './service-records.ts';

export class WorkerLimits {
  readonly store: BorrowingStore;
  readonly #askSupervisor: (asks: readonly Ask[]) => void;
  /** Undefined: the supervisor counts. */
  #redis: OpenCounts | undefined = undefined;

  constructor(askSupervisor: (asks: readonly Ask[]) => void, hosts: ShareOut) {
    this.#askSupervisor = askSupervisor;
    this.store = new BorrowingStore((asks) => this.#ask(asks), { hosts });
  }

  get isRedisUp(): boolean {
    return this.#redis?.counts.isUp === true;
  }

  /** Connects to Redis, where the configuration names one. */
  open({ limitStore }: Pick<Config, 'limitStore'>, { log }: Pick<ServiceRecords, 'log'>): void {
    if (limitStore === undefined) return;
    this.#redis = openCounts(limitStore, {
      log,
      answer: (grants) => this.store.receive(grants),
      insurance: this.#askSupervisor,
      forfeit: () => this.store.forfeit(),
    });
  }

  /** What the supervisor lends. */
  receive(grants: readonly Grant[]): void {
    if (this.#redis === undefined) this.store.receive(grants);
    else this.#redis.counts.insured(grants);
  }

  /** The supervisor is gone. Redis counts on. */
  lose(): void {
    if (!this.isRedisUp) this.store.lose();
  }

  /** Another supervisor is there. @returns the tunnels that it has to count */
  regain(): readonly Holding[] {
    const holdings = this.store.regain();
    return this.#redis === undefined ? holdings : [];
  }

  async close(): Promise<void> {
    await this.#redis?.close();
  }

  #ask(asks: readonly Ask[]): void {
    if (this.#redis === undefined) this.#askSupervisor(asks);
    else this.#redis.counts.ask(asks);
  }
}
