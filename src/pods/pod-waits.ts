/**
 * Waiting for an address to become known: a pod may connect before the watch has told of it. Each address is waited for a moment and no
 * longer, and not again soon where that was in vain, so that clients that are no pods lose little time; and so many at once, no more.
 */
import { LRUCache } from 'lru-cache';

export interface PodWaitsOptions {
  /** How long an address is waited for. @default 500 */
  readonly patienceMs?: number;
  /** Addresses that are waited for at once. @default 1024 */
  readonly most?: number;
  /** Milliseconds, monotonic. Tests pass their own. */
  readonly now?: () => number;
}

interface Wait {
  readonly known: Promise<void>;
  readonly end: () => void;
  readonly timer: NodeJS.Timeout;
}

const PATIENCE_MS = 500;
const MAX_WAITING = 1024;
/** So long an address that was waited for in vain is not waited for again. */
const VAIN_MS = 5_000;
const MAX_VAIN = 4096;

export class PodWaits {
  readonly #patienceMs: number;
  readonly #most: number;
  readonly #waiting = new Map<string, Wait>();
  readonly #vain: LRUCache<string, true>;

  constructor({
    patienceMs = PATIENCE_MS,
    most = MAX_WAITING,
    now = () => performance.now(),
  }: PodWaitsOptions = {}) {
    this.#patienceMs = patienceMs;
    this.#most = most;
    this.#vain = new LRUCache({ max: MAX_VAIN, ttl: VAIN_MS, perf: { now }, ttlResolution: 0 });
  }

  /** How many addresses are waited for. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves when it is known, or the time is over; undefined: it is not waited for. */
  untilKnown(address: string): Promise<void> | undefined {
    const wait = this.#waiting.get(address);
    if (wait !== undefined) return wait.known;
    if (this.#vain.has(address) || this.#waiting.size >= this.#most) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => this.#giveUp(address), this.#patienceMs);
    this.#waiting.set(address, { known: promise, end: resolve, timer });
    return promise;
  }

  /** Ends those waits whose address is known by now. */
  settle(isKnown: (address: string) => boolean): void {
    for (const address of this.#waiting.keys()) if (isKnown(address)) this.#end(address);
  }

  #giveUp(address: string): void {
    this.#vain.set(address, true);
    this.#end(address);
  }

  #end(address: string): void {
    const { end, timer } = this.#waiting.get(address) as Wait;
    clearTimeout(timer);
    this.#waiting.delete(address);
    end();
  }
}
