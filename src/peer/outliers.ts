/**
 * When a peer is ejected, and for how long: after five faults in a row, or when more than half of at least twenty attempts within
 * ten seconds have failed, as those of a peer do that is half broken. Each ejection is twice as long as the one before, until the
 * peer has behaved for a minute. What counts as a fault is for others to say.
 */

const IN_A_ROW = 5;
const WINDOW_MS = 10_000;
const LEAST_ATTEMPTS = 20;
const FIRST_MS = 5_000;
const LONGEST_MS = 60_000;
/** Behaving for so long makes the next ejection a first one. */
const FORGIVEN_MS = 60_000;

export class Outliers {
  /** A window begins with a fault, so that what succeeds costs no clock. */
  #windowMs = Number.NEGATIVE_INFINITY;
  #good = 0;
  #bad = 0;
  #ejections = 0;
  #untilMs = Number.NEGATIVE_INFINITY;
  /** Whether it stands though the peer has succeeded since. */
  #stands = false;
  /** When the last one was to end. */
  #lastMs = Number.NEGATIVE_INFINITY;

  /** How much of an ejection is left; 0: there is none. */
  leftMs(nowMs: number): number {
    return nowMs < this.#untilMs ? this.#untilMs - nowMs : 0;
  }

  /** Whether one that is under way is for failing often, which a success does not end. */
  get stands(): boolean {
    return this.#stands;
  }

  countGood(): void {
    this.#good += 1;
  }

  /** A fault, with which there are so many in a row. @returns for how long the peer is to be ejected by it; 0: it is not */
  countBad(inARow: number, nowMs: number): number {
    if (nowMs - this.#windowMs >= WINDOW_MS) this.#begin(nowMs);
    this.#bad += 1;
    if (this.leftMs(nowMs) > 0) return 0;
    const attempts = this.#good + this.#bad;
    // The first fault is there in every window.
    const isOften = attempts >= LEAST_ATTEMPTS && (this.#bad - 1) * 2 > attempts - 1;
    if (inARow < IN_A_ROW && !isOften) return 0;
    return this.#eject(inARow < IN_A_ROW, nowMs);
  }

  /** It has succeeded: an ejection for failing each time is over. */
  pardon(): void {
    if (!this.#stands) this.#untilMs = Number.NEGATIVE_INFINITY;
  }

  /** Another process has ejected it. */
  learn(untilMs: number, stands: boolean): void {
    if (untilMs <= this.#untilMs) return;
    this.#untilMs = untilMs;
    this.#lastMs = untilMs;
    this.#stands = stands;
  }

  #begin(nowMs: number): void {
    this.#windowMs = nowMs;
    this.#good = 0;
    this.#bad = 0;
  }

  #eject(stands: boolean, nowMs: number): number {
    if (nowMs - this.#lastMs >= FORGIVEN_MS) this.#ejections = 0;
    const forMs = Math.min(FIRST_MS * 2 ** this.#ejections, LONGEST_MS);
    this.#ejections += 1;
    this.#stands = stands;
    this.#untilMs = nowMs + forMs;
    this.#lastMs = this.#untilMs;
    // What it did before is paid for.
    this.#begin(nowMs);
    return forMs;
  }
}
