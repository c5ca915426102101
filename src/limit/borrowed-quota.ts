/**
 * A worker's quota of one key: what it has borrowed of the host's and not used. What is there is taken at once; for what is not,
 * the lender is asked, once at a time for each resource.
 */
import type { Ask, Grant } from './lending.ts';
import type { Resource } from './options.ts';
import { Quota } from './quota.ts';

interface Waiter {
  readonly want: number;
  readonly resolve: (granted: number) => void;
}

/** What is borrowed of one resource. */
class Purse {
  credit = 0;
  /** Of the last grant. One that comes singly goes back singly. */
  slice = 0;
  /** Since it was last looked at. */
  isUsed = false;
  retryMs: number | undefined = undefined;
  /** When what is borrowed is worth nothing any more: bytes of one day are none of the next. */
  endMs = Number.POSITIVE_INFINITY;
  /** Whom the grant that is asked for is for, and who has come since. */
  asking: Waiter[] = [];
  waiting: Waiter[] = [];

  expire(): void {
    this.credit = 0;
    this.endMs = Number.POSITIVE_INFINITY;
  }
}

/** Sends what a quota asks, under its name. */
export type SendAsk = (quota: BorrowedQuota, ask: Pick<Ask, 'kind' | 'resource' | 'amount'>) => void;

export interface BorrowedParts {
  readonly send: SendAsk;
  /** Told that it holds something that nobody uses. */
  readonly onCredit: (quota: BorrowedQuota) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export class BorrowedQuota extends Quota {
  readonly #send: SendAsk;
  readonly #onCredit: (quota: BorrowedQuota) => void;
  readonly #now: () => number;
  readonly #purses = new Map<Resource, Purse>();

  constructor(key: string, { send, onCredit, now }: BorrowedParts) {
    super(key);
    this.#send = send;
    this.#onCredit = onCredit;
    this.#now = now;
  }

  take(resource: Resource, want: number): number | Promise<number> {
    const purse = this.#purse(resource);
    purse.isUsed = true;
    if (purse.credit >= want && purse.asking.length === 0) {
      purse.credit -= want;
      return want;
    }
    return new Promise((resolve) => {
      purse.waiting.push({ want, resolve });
      if (purse.asking.length === 0) this.#ask(resource, purse);
    });
  }

  charge(bytes: number): void {
    const purse = this.#purse('bandwidth');
    const paid = Math.min(bytes, purse.credit);
    purse.credit -= paid;
    if (bytes > paid) this.#send(this, { kind: 'charge', resource: 'bandwidth', amount: bytes - paid });
  }

  giveBack(resource: Resource, amount: number): void {
    const purse = this.#purse(resource);
    if (resource === 'tunnels' && purse.slice <= 1) {
      this.#send(this, { kind: 'giveBack', resource, amount });
      return;
    }
    purse.credit += amount;
    this.#onCredit(this);
  }

  retryMs(resource: Resource): number | undefined {
    return this.#purse(resource).retryMs;
  }

  get isFresh(): boolean {
    for (const { credit, asking } of this.#purses.values()) if (credit > 0 || asking.length > 0) return false;
    return true;
  }

  /** Whether a grant is awaited. */
  get isAsking(): boolean {
    for (const { asking } of this.#purses.values()) if (asking.length > 0) return true;
    return false;
  }

  /** The answer has come. */
  receive({ resource, granted, retryMs }: Grant): void {
    const purse = this.#purse(resource);
    purse.credit += granted;
    purse.slice = granted;
    purse.retryMs = retryMs;
    if (resource === 'bytesPerDay' && retryMs !== undefined) purse.endMs = this.#now() + retryMs;
    const served = purse.asking;
    purse.asking = [];
    for (const { want, resolve } of served) {
      const given = Math.min(want, purse.credit);
      purse.credit -= given;
      resolve(given);
    }
    if (purse.waiting.length > 0) this.#ask(resource, purse);
  }

  /** Who was asked does not answer any more: asks again. */
  askAgain(): void {
    for (const [resource, purse] of this.#purses) {
      if (purse.asking.length === 0) continue;
      purse.waiting.unshift(...purse.asking);
      this.#ask(resource, purse);
    }
  }

  /** Gives back what nobody has used since the last time. @returns whether something is still here */
  returnUnused(): boolean {
    let isLeft = false;
    for (const resource of this.#purses.keys()) {
      const purse = this.#purse(resource);
      const { credit, isUsed } = purse;
      purse.isUsed = false;
      isLeft ||= isUsed && credit > 0;
      if (isUsed || credit <= 0) continue;
      purse.credit = 0;
      this.#send(this, { kind: 'giveBack', resource, amount: credit });
    }
    return isLeft;
  }

  /** Lets go of what is borrowed and not used, but for tunnels: somebody else counts from now on. */
  forfeit(): void {
    for (const [resource, purse] of this.#purses) if (resource !== 'tunnels') purse.credit = 0;
  }

  #ask(resource: Resource, purse: Purse): void {
    purse.asking = purse.waiting;
    purse.waiting = [];
    const wanted = purse.asking.reduce((sum, { want }) => sum + want, 0);
    this.#send(this, { kind: 'take', resource, amount: Math.max(1, wanted - purse.credit) });
  }

  #purse(resource: Resource): Purse {
    let purse = this.#purses.get(resource);
    if (purse === undefined) {
      purse = new Purse();
      this.#purses.set(resource, purse);
    }
    if (purse.endMs !== Number.POSITIVE_INFINITY && this.#now() >= purse.endMs) purse.expire();
    return purse;
  }
}
