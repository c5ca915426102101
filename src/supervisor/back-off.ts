/** How long to wait before a worker that died is replaced: not at all, unless the ones before it did not live long either. */

/** Who has lived this long has not died of how it was started. */
const STABLE_MS = 10_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

export class BackOff {
  #early = 0;

  /** Time to wait, in milliseconds, after the death of a worker that has lived for `livedMs`. */
  next(livedMs: number): number {
    this.#early = livedMs >= STABLE_MS ? 0 : this.#early + 1;
    if (this.#early <= 1) return 0;
    return Math.min(FIRST_WAIT_MS * 2 ** (this.#early - 2), LONGEST_WAIT_MS);
  }
}
