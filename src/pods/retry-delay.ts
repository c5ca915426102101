/** How long to wait before the API server is asked again: not at all after what went well for a while, else longer each time. */

/** What lived so long has not failed. */
const STABLE_MS = 5_000;
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

export class RetryDelay {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** In milliseconds, between half and the whole of it: a server that comes back is not to be asked by all at once. */
  next(livedMs: number): number {
    this.#failures = livedMs >= STABLE_MS ? 0 : this.#failures + 1;
    if (this.#failures === 0) return 0;
    const whole = Math.min(FIRST_MS * 2 ** (this.#failures - 1), LONGEST_MS);
    return whole * (0.5 + this.#random() / 2);
  }
}
