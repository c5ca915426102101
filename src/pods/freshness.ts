/** How old what is known is, by when the API server last said something, and whether that is so long ago that it may be wrong. */

export interface FreshnessOptions {
  /** Milliseconds, monotonic. Tests pass their own. */
  readonly now?: (() => number) | undefined;
  /** @default 5 minutes */
  readonly staleMs?: number | undefined;
  /** Told when the API server has not been heard for so long, and when it is again. */
  readonly onStale?: ((isStale: boolean) => void) | undefined;
}

const STALE_MS = 5 * 60_000;

export class Freshness {
  readonly #now: () => number;
  readonly #staleMs: number;
  readonly #onStale: ((isStale: boolean) => void) | undefined;
  #contactMs: number;
  #isStale = false;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor({ now = () => performance.now(), staleMs = STALE_MS, onStale }: FreshnessOptions) {
    this.#now = now;
    this.#staleMs = staleMs;
    this.#onStale = onStale;
    this.#contactMs = now();
  }

  get isStale(): boolean {
    return this.#isStale;
  }

  /** How long ago the API server said something; before it ever did, since when it is waited for. */
  get ageMs(): number {
    return this.#now() - this.#contactMs;
  }

  /** The API server said something, so long ago. */
  heard(ageMs: number): void {
    this.#contactMs = Math.max(this.#contactMs, this.#now() - ageMs);
    this.#judge();
  }

  /** Begins to wait anew. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isStale = false;
    this.#contactMs = this.#now();
  }

  /** One timer, however often something is said. */
  #judge(): void {
    const leftMs = this.#staleMs - this.ageMs;
    this.#set(leftMs <= 0);
    if (leftMs <= 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#judge();
    }, Math.ceil(leftMs));
    this.#timer.unref();
  }

  #set(isStale: boolean): void {
    if (isStale === this.#isStale) return;
    this.#isStale = isStale;
    this.#onStale?.(isStale);
  }
}
