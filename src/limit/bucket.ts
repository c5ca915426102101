/**
 * A bucket of tokens that fills by arithmetic on the clock: no timer, and one number for its state. One that is full again cannot
 * be told from a new one, so that whoever keeps many may forget those.
 */

export interface BucketSize {
  /** Tokens that come in each millisecond. */
  readonly perMs: number;
  /** Tokens that it holds when full. */
  readonly capacity: number;
}

/** A token that is there but for the rounding of sums is there. */
const GRAIN = 1e-6;

export class Bucket {
  /** When it will be full again, on the caller's clock. */
  #fullAtMs = Number.NEGATIVE_INFINITY;

  /** Tokens that are in it, a part of one included. */
  level({ perMs, capacity }: BucketSize, nowMs: number): number {
    return capacity - Math.max(0, this.#fullAtMs - nowMs) * perMs;
  }

  /** Takes up to `want` whole tokens. @returns how many */
  take(size: BucketSize, want: number, nowMs: number): number {
    const granted = Math.min(want, Math.floor(this.level(size, nowMs) + GRAIN));
    if (granted <= 0) return 0;
    this.charge(size, granted, nowMs);
    return granted;
  }

  /** Takes what has been used already; less than nothing may be left. */
  charge({ perMs }: BucketSize, amount: number, nowMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + amount / perMs;
  }

  /** Puts tokens back that nobody used. */
  giveBack({ perMs }: BucketSize, amount: number): void {
    this.#fullAtMs -= amount / perMs;
  }

  /** Milliseconds until a token can be taken. */
  waitMs(size: BucketSize, nowMs: number): number {
    return Math.max(0, 1 - this.level(size, nowMs)) / size.perMs;
  }

  isFull(nowMs: number): boolean {
    return this.#fullAtMs <= nowMs;
  }
}
