/**
 * When open tunnels are judged again: after a reload, and whenever the policy changes because time passes. Some at a time, so that
 * thousands of them do not hold up traffic.
 */
import { HORIZON_MS, nextChangeMs } from '#acl/next-change.ts';
import type { ProxyContext } from './context.ts';
import { judgeAgain } from './judge-again.ts';
import { Transaction } from './transaction.ts';

/** Where each of them is cut, that is a few milliseconds. */
const AT_A_TIME = 100;
/** A clock that is set must not make it late for long. */
const LONGEST_WAIT_MS = 60_000;

/** Wall clock. */
export type Now = () => number;

export class JudgementDays {
  readonly #context: ProxyContext;
  readonly #now: Now;
  #timer: NodeJS.Timeout | undefined = undefined;
  #nextMs = Number.POSITIVE_INFINITY;
  /** Of the round that is under way; one that comes while another is not over takes its place. */
  #round = 0;

  constructor(context: ProxyContext, now: Now) {
    this.#context = context;
    this.#now = now;
  }

  /** Another policy is in force: judges all that is open, and waits for its next change. */
  begin(): void {
    this.#judgeAll();
    this.#await();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#round += 1;
  }

  /** Looks whether the next change has come. */
  look(): void {
    if (this.#now() >= this.#nextMs) this.#judgeAll();
    this.#await();
  }

  #await(): void {
    const nowMs = this.#now();
    this.#nextMs = nextChangeMs(this.#context.generation.policy, nowMs);
    clearTimeout(this.#timer);
    const waitMs = Math.min(this.#nextMs - nowMs, LONGEST_WAIT_MS, HORIZON_MS);
    this.#timer = setTimeout(() => this.look(), waitMs);
    this.#timer.unref();
  }

  #judgeAll(): void {
    this.#round += 1;
    const open = this.#context.drain.members().filter((one) => one instanceof Transaction);
    this.#judge(open, this.#round);
  }

  #judge(open: readonly Transaction[], round: number): void {
    if (round !== this.#round) return;
    const nowMs = this.#now();
    for (const tx of open.slice(0, AT_A_TIME)) if (tx.isTunnel) judgeAgain(tx, nowMs);
    if (open.length > AT_A_TIME) setImmediate(() => this.#judge(open.slice(AT_A_TIME), round));
  }
}
