/**
 * Answers about names that are kept, and until when they are good. One with addresses is kept for a while longer, for when the name
 * servers fail (RFC 8767): it can be revived, and is not given out as long as nobody does.
 */
import { LRUCache } from 'lru-cache';
import type { ProxyError } from '#errors.ts';
import type { IpAddress } from './ip.ts';

/** What became of a question: addresses, or the failure that stands for them. */
export type Answer = { readonly addresses: readonly IpAddress[] } | { readonly failure: ProxyError };

interface Kept {
  readonly answer: Answer;
  readonly staleUntilMs: number;
  goodUntilMs: number;
  isStale: boolean;
}

/** An answer that is good. */
export type Good = Readonly<Pick<Kept, 'answer' | 'isStale'>>;

const MAX_NAMES = 10_000;

export class AnswerCache {
  readonly #clock: { now(): number };
  readonly #staleTtlMs: number;
  readonly #kept = new LRUCache<string, Kept>({ max: MAX_NAMES });

  /** `staleTtlMs`: how long addresses can be revived after they were good. `clock`: monotonic milliseconds. */
  constructor(staleTtlMs: number, clock: { now(): number }) {
    this.#staleTtlMs = staleTtlMs;
    this.#clock = clock;
  }

  /** Undefined where there is none, or it is no longer good. */
  get(name: string): Good | undefined {
    const kept = this.#kept.get(name);
    return kept !== undefined && this.#clock.now() <= kept.goodUntilMs ? kept : undefined;
  }

  /** Keeps an answer for so long, instead of what was kept before; 0: not at all. */
  keep(name: string, answer: Answer, ttlMs: number): void {
    if (ttlMs <= 0) {
      this.#kept.delete(name);
      return;
    }
    const goodUntilMs = this.#clock.now() + ttlMs;
    const staleUntilMs = 'failure' in answer ? 0 : goodUntilMs + this.#staleTtlMs;
    this.#kept.set(name, { answer, goodUntilMs, staleUntilMs, isStale: false });
  }

  /** Whether there are addresses that {@link revive} would make good. */
  canRevive(name: string): boolean {
    const kept = this.#kept.get(name);
    return kept !== undefined && this.#clock.now() <= kept.staleUntilMs;
  }

  /** Makes an answer that was good not long ago good again, for up to `ms`. @returns it; undefined where there is none */
  revive(name: string, ms: number): Answer | undefined {
    const kept = this.#kept.get(name);
    const now = this.#clock.now();
    if (kept === undefined || now > kept.staleUntilMs) return undefined;
    kept.goodUntilMs = Math.min(now + ms, kept.staleUntilMs);
    kept.isStale = true;
    return kept.answer;
  }

  clear(): void {
    this.#kept.clear();
  }
}
