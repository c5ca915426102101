/**
 * What was found out about passwords, right and wrong, for a while, under a key that is a secret of this process. The hash that a
 * password was held against is in the key: with another one, or none, what is remembered is about somebody else.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Credentials } from './basic.ts';

const MAX_KNOWN = 10_000;
/** From the last use on, but no longer than {@link LONGEST_MS}. */
const RIGHT_MS = 5 * 60_000;
const LONGEST_MS = 60 * 60_000;
const WRONG_MS = 60_000;

export class Memory {
  readonly #secret = randomBytes(32);
  readonly #now: () => number;
  /** When it was hashed, by keyed hash: so that neither the wrong ones nor the right ones lie about in memory. */
  readonly #right: LRUCache<string, number>;
  readonly #wrong: LRUCache<string, true>;

  /** `now`: milliseconds, monotonic. Tests pass their own. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    const clock = { max: MAX_KNOWN, perf: { now }, ttlResolution: 0 };
    this.#right = new LRUCache({ ...clock, ttl: RIGHT_MS, updateAgeOnGet: true });
    this.#wrong = new LRUCache({ ...clock, ttl: WRONG_MS });
  }

  /** What credentials are remembered under that are held against `hash`, in text; undefined where there is no such user. */
  keyOf({ user, password }: Credentials, hash: string | undefined): string {
    // Neither a hash nor a name has a colon, so that no two triples are one text.
    return createHmac('sha256', this.#secret)
      .update(`${hash ?? ''}:${user}:${password}`)
      .digest('base64');
  }

  /** Undefined where it is not known, or not any more. */
  recall(key: string): boolean | undefined {
    const hashedAt = this.#right.get(key);
    if (hashedAt !== undefined && this.#now() - hashedAt < LONGEST_MS) return true;
    return this.#wrong.has(key) ? false : undefined;
  }

  remember(key: string, isRight: boolean): void {
    if (isRight) this.#right.set(key, this.#now());
    else this.#wrong.set(key, true);
  }
}
