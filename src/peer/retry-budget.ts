/**
 * How many second attempts a route may make: a part of its requests, and a few more. Where all peers fail after they were asked,
 * trying each of them for each request would multiply the load of which they fail. Two halves of a window that are counted, and
 * no timer.
 */

/** The window is twice as long. */
const HALF_MS = 5_000;
const PART_OF_REQUESTS = 0.2;
/** That many there are always, on a host. */
const FLOOR = 10;

interface Half {
  requests: number;
  retries: number;
}

export class RetryBudget {
  readonly #floor: number;
  #number = 0;
  #current: Half = { requests: 0, retries: 0 };
  #before: Half = { requests: 0, retries: 0 };

  /** `processes` have what there is always, each at least one; of its requests each knows its own. */
  constructor(processes = 1) {
    this.#floor = Math.max(1, Math.floor(FLOOR / processes));
  }

  /** One more request. `nowMs` is monotonic. */
  countRequest(nowMs: number): void {
    this.#turn(nowMs);
    this.#current.requests += 1;
  }

  /** Takes one retry. @returns whether there was one left */
  takeRetry(nowMs: number): boolean {
    this.#turn(nowMs);
    const { requests, retries } = this.#current;
    const most = this.#floor + PART_OF_REQUESTS * (requests + this.#before.requests);
    if (retries + this.#before.retries >= most) return false;
    this.#current.retries += 1;
    return true;
  }

  #turn(nowMs: number): void {
    const number = Math.floor(nowMs / HALF_MS);
    if (number === this.#number) return;
    const old = this.#before;
    this.#before = this.#current;
    this.#current = old;
    if (number !== this.#number + 1) clear(this.#before);
    clear(this.#current);
    this.#number = number;
  }
}

function clear(half: Half): void {
  half.requests = 0;
  half.retries = 0;
}
