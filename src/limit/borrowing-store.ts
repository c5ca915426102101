/**
 * Limits as a worker counts them: it borrows from the supervisor, who counts for the host. What it asks in one turn of the event
 * loop goes in one message. Without a supervisor it counts on its own, for what it still has to finish.
 */
import { BorrowedQuota, type SendAsk } from './borrowed-quota.ts';
import { Lender } from './lender.ts';
import type { Ask, Grant } from './lending.ts';
import { ownersOf } from './limit.ts';
import type { LimitOptions } from './options.ts';
import type { LimitStore, ShareOut } from './quota.ts';
import { QuotaTable } from './quota-table.ts';

/** What nobody uses for so long goes back. */
const RETURN_MS = 1000;

interface BorrowingOptions {
  /** Among how many hosts a limit is shared out, for when the supervisor is gone. @default one */
  readonly hosts?: ShareOut;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export class BorrowingStore implements LimitStore {
  readonly #send: (asks: readonly Ask[]) => void;
  readonly #now: () => number;
  readonly #hosts: ShareOut | undefined;
  /** Counts once the supervisor is gone. */
  #own: Lender<BorrowingStore> | undefined = undefined;
  #outbox: Ask[] = [];
  /** By their number; those that wait for a grant, or hold something. */
  readonly #quotas = new Map<number, BorrowedQuota>();
  readonly #numbers = new WeakMap<BorrowedQuota, number>();
  #nextNumber = 1;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** `send` takes what is to be asked; the answers come by {@link receive}. */
  constructor(
    send: (asks: readonly Ask[]) => void,
    { hosts, now = () => performance.now() }: BorrowingOptions = {},
  ) {
    this.#send = send;
    this.#hosts = hosts;
    this.#now = now;
  }

  open(limit: LimitOptions): QuotaTable<BorrowedQuota> {
    const send: SendAsk = (quota, ask) => {
      const number = this.#numberOf(quota);
      if (ask.kind === 'take') this.#quotas.set(number, quota);
      this.#post({ ...ask, limit, key: quota.key, quota: number });
    };
    // It may have been let go while all that it had borrowed was in use.
    const onCredit = (quota: BorrowedQuota): void => {
      this.#quotas.set(this.#numberOf(quota), quota);
      this.#lookLater();
    };
    return new QuotaTable({
      make: (key) => new BorrowedQuota(key, { send, onCredit, now: this.#now }),
      ownerOf: ownersOf(limit),
    });
  }

  /** The answers to what was asked. */
  receive(grants: readonly Grant[]): void {
    for (const grant of grants) this.#quotas.get(grant.quota)?.receive(grant);
    this.#lookLater();
  }

  /** The supervisor is gone. */
  lose(): void {
    this.#own = new Lender<BorrowingStore>(undefined, this.#hosts);
    this.#outbox = [];
    for (const quota of this.#quotas.values()) quota.askAgain();
  }

  /** Somebody else counts from now on: what is borrowed and not used is worth nothing any more, but for tunnels. */
  forfeit(): void {
    for (const quota of this.#quotas.values()) quota.forfeit();
  }

  /** Gives back what nobody has used since the last call. */
  returnUnused(): void {
    for (const [number, quota] of this.#quotas) {
      const isLeft = quota.returnUnused();
      if (!isLeft && !quota.isAsking) this.#quotas.delete(number);
    }
    if (this.#quotas.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #lookLater(): void {
    // It holds no process up.
    this.#timer ??= setInterval(() => this.returnUnused(), RETURN_MS).unref();
  }

  #numberOf(quota: BorrowedQuota): number {
    const known = this.#numbers.get(quota);
    if (known !== undefined) return known;
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    this.#numbers.set(quota, number);
    return number;
  }

  #post(ask: Ask): void {
    this.#outbox.push(ask);
    if (this.#outbox.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const asks = this.#outbox;
    this.#outbox = [];
    if (asks.length === 0) return;
    if (this.#own === undefined) this.#send(asks);
    else this.receive(this.#own.answer(this, asks, 1));
  }
}
