/**
 * Limits as a worker counts them: it borrows from the supervisor, who counts for the host. What it asks in one turn of the event
 * loop goes in one message. Without a supervisor it counts on its own, for what it still has to finish, until another takes it over.
 */
import { BorrowedQuota, type SendAsk } from './borrowed-quota.ts';
import { Lender } from './lender.ts';
import type { Ask, Grant, Holding } from './lending.ts';
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
  /** Tunnels that were lent and not given back, by the number of their quota: for whoever lends next. */
  readonly #held = new Map<number, Holding>();
  /** What the quotas count under that ask for tunnels. */
  readonly #asked = new Map<number, Pick<Ask, 'limit' | 'key'>>();
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
      if (ask.resource === 'tunnels') this.#note(number, ask, { limit, key: quota.key });
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
    for (const grant of grants) {
      if (grant.resource === 'tunnels') this.#hold(grant);
      this.#quotas.get(grant.quota)?.receive(grant);
    }
    this.#lookLater();
  }

  /** The supervisor is gone. */
  lose(): void {
    this.#own = new Lender<BorrowingStore>(undefined, this.#hosts);
    this.#own.restore(this, [...this.#held.values()]);
    this.#outbox = [];
    for (const quota of this.#quotas.values()) quota.askAgain();
  }

  /**
   * Another supervisor lends from now on. What is borrowed and not used is worth nothing any more, but for tunnels.
   * @returns the tunnels that are held, of which it has to be told
   */
  regain(): readonly Holding[] {
    // What has gathered is for who has lent until now.
    this.#flush();
    this.#own = undefined;
    this.forfeit();
    return [...this.#held.values()];
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

  #note(
    number: number,
    { kind, amount }: Pick<Ask, 'kind' | 'amount'>,
    named: Pick<Ask, 'limit' | 'key'>,
  ): void {
    if (kind === 'take') this.#asked.set(number, named);
    const held = this.#held.get(number);
    if (kind !== 'giveBack' || held === undefined) return;
    if (held.count <= amount) this.#held.delete(number);
    else this.#held.set(number, { ...held, count: held.count - amount });
  }

  #hold({ quota, granted }: Grant): void {
    const named = this.#asked.get(quota);
    this.#asked.delete(quota);
    if (granted <= 0 || named === undefined) return;
    this.#held.set(quota, { ...named, quota, count: (this.#held.get(quota)?.count ?? 0) + granted });
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
