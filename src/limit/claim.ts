/**
 * What one transaction has of its quota, from the moment its rule has allowed it to its end: taken once, given back once,
 * whatever becomes of it.
 */
import type { ProxyError } from '#errors.ts';
import type { Wheel } from '#net/wheel.ts';
import { LimitExceeded } from './exceeded.ts';
import type { Limit } from './limit.ts';
import type { Resource } from './options.ts';
import type { Quota } from './quota.ts';
import { Flow, Shaper } from './shaper.ts';

/** Who has moved bytes that are not paid for. */
export interface Waiter {
  /** All is paid. */
  onPaid(): void;
}

export interface ClaimParts {
  readonly limit: Limit;
  readonly key: string;
  /** Name of the rule whose limit it is. */
  readonly rule: string;
  readonly wheel: Wheel;
  /** Told when bytes have run out amid the transfer. */
  readonly onExceeded: (error: ProxyError) => void;
}

export class Claim extends Flow {
  readonly #parts: ClaimParts;
  readonly #quota: Quota;
  readonly #shaper: Shaper | undefined;
  #tunnels = 0;
  /** Bytes that were counted as they passed, and of the day's those that were charged. */
  #counted = 0;
  #prepaid = 0;
  /** Who waits until all is paid. */
  #waiting: Waiter[] = [];
  #isReleased = false;

  constructor(parts: ClaimParts) {
    super();
    const { limit, key, wheel } = parts;
    this.#parts = parts;
    this.#quota = limit.quotas.of(key);
    this.#quota.claims += 1;
    const { bandwidth } = limit.options;
    if (bandwidth !== undefined) this.#quota.shaper ??= new Shaper(this.#quota, bandwidth, wheel);
    this.#shaper = this.#quota.shaper;
  }

  /** Whether bytes have to be counted as they pass. */
  get isMetered(): boolean {
    return this.#shaper !== undefined || this.#parts.limit.options.bytesPerDay !== undefined;
  }

  /**
   * Takes what a transaction needs to begin, at once where that is known here, and waits where the bandwidth is used up.
   * @throws {LimitExceeded}
   */
  enter(isTunnel: boolean): Promise<void> | undefined {
    const { ofTunnel, ofRequest } = this.#parts.limit;
    const demanding = this.#demand(isTunnel ? ofTunnel : ofRequest, 0);
    return demanding === undefined ? this.#untilPaid() : demanding.then(() => this.#untilPaid());
  }

  /** Why it has not begun yet, where that is a limit. */
  get overdue(): LimitExceeded | undefined {
    return this.#waiting.length > 0 ? this.#exceeded('bandwidth') : undefined;
  }

  /** However little each moves, many would move more than there is if they did not wait for those before them. */
  #untilPaid(): Promise<void> | undefined {
    if (this.#shaper === undefined || this.#isReleased || this.#shaper.pay(this, 1)) return undefined;
    return new Promise((resolve) => this.#waiting.push({ onPaid: resolve }));
  }

  #demand(resources: readonly Resource[], from: number): Promise<void> | undefined {
    for (let index = from; index < resources.length; index += 1) {
      const resource = resources[index] as Resource;
      const granted = this.#quota.take(resource, 1);
      if (typeof granted !== 'number') {
        return granted.then((amount) => {
          this.#note(resource, amount);
          return this.#demand(resources, index + 1);
        });
      }
      this.#note(resource, granted);
    }
    return undefined;
  }

  #note(resource: Resource, granted: number): void {
    if (granted === 0) throw this.#exceeded(resource);
    if (resource === 'bytesPerDay') this.#prepaid += 1;
    if (resource !== 'tunnels') return;
    // It may have ended while it waited for the answer.
    if (this.#isReleased) this.#quota.giveBack('tunnels', 1);
    else this.#tunnels += 1;
  }

  /** So many bytes have passed. @returns false where no more may until `waiter` is told */
  count(bytes: number, waiter: Waiter): boolean {
    this.#counted += bytes;
    this.#charge(bytes);
    if (this.#shaper === undefined || this.#isReleased || this.#shaper.pay(this, bytes)) return true;
    this.#waiting.push(waiter);
    return false;
  }

  onPaid(): void {
    for (const waiter of this.#waiting.splice(0)) waiter.onPaid();
  }

  /** The transaction is over; `bytes` are all of its. Only the first call counts. */
  release(bytes: number): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    const rest = Math.max(0, bytes - this.#counted);
    this.#charge(rest);
    this.#shaper?.leave(this, rest);
    if (this.#tunnels > 0) this.#quota.giveBack('tunnels', this.#tunnels);
    this.#quota.claims -= 1;
  }

  #charge(bytes: number): void {
    if (this.#parts.limit.options.bytesPerDay === undefined) return;
    const due = bytes - this.#prepaid;
    this.#prepaid = Math.max(0, -due);
    if (due <= 0) return;
    const charged = this.#quota.take('bytesPerDay', due);
    if (typeof charged === 'number') this.#settle(charged, due);
    else void charged.then((amount) => this.#settle(amount, due));
  }

  /** Nobody can be told of what ran out with the last byte. */
  #settle(charged: number, due: number): void {
    if (charged < due && !this.#isReleased) this.#parts.onExceeded(this.#exceeded('bytesPerDay'));
  }

  #exceeded(resource: Resource): LimitExceeded {
    const { limit, rule } = this.#parts;
    return new LimitExceeded(limit.options, resource, { rule, retryMs: this.#quota.retryMs(resource) });
  }
}
