/**
 * Keeps a report that could come thousands of times a second down to one in a while, and knows how many it kept back.
 */
import { performance } from 'node:perf_hooks';

/** Milliseconds, monotonic. Tests pass their own. */
export type Now = () => number;

export class Seldom {
  readonly #everyMs: number;
  readonly #now: Now;
  #next = Number.NEGATIVE_INFINITY;
  #suppressed = 0;

  constructor(everyMs: number, now: Now = () => performance.now()) {
    this.#everyMs = everyMs;
    this.#now = now;
  }

  /** Calls `report` with how often it was not called since the last time, unless that was a moment ago. */
  run(report: (suppressed: number) => void): void {
    const now = this.#now();
    if (now < this.#next) {
      this.#suppressed += 1;
      return;
    }
    const suppressed = this.#suppressed;
    this.#next = now + this.#everyMs;
    this.#suppressed = 0;
    report(suppressed);
  }
}
