/**
 * In which order the peers of a route are tried. Those that rest, since they failed lately, come last and are tried only when
 * nothing else is left: the last peers are never given up for the sake of a back-off.
 */
import { type ProxyError, REASONS } from '#errors.ts';
import { type Arrange, arrangeBy, isForeseeable, type Wish } from './balance.ts';
import { isUnreached } from './fault.ts';
import type { Balance } from './options.ts';
import type { Peer } from './peer.ts';
import { RetryBudget } from './retry-budget.ts';

/** Of trying a second peer. */
interface RetryTerms {
  /** How many share what is allowed on this host. @default 1 */
  readonly processes?: number | undefined;
  /** Told of each second peer that is not tried since too many were. */
  readonly onRetryRefused?: () => void;
}

/** Chooses among one route's peers; keeps the turn of `roundRobin`, and how often a second peer may be tried. */
export class Selector {
  readonly #peers: readonly Peer[];
  readonly #balance: Balance;
  readonly #arrange: Arrange;
  readonly #budget: RetryBudget;
  readonly #onRetryRefused: (() => void) | undefined;

  constructor(peers: readonly Peer[], balance: Balance, retries: RetryTerms = {}) {
    this.#peers = peers;
    this.#balance = balance;
    this.#arrange = arrangeBy(balance);
    this.#budget = new RetryBudget(retries.processes);
    this.#onRetryRefused = retries.onRetryRefused;
  }

  /** Whether all of them rest, so that those that failed lately are tried all the same. */
  isDegraded(nowMs: number): boolean {
    return this.#peers.every((peer) => !peer.isDue(nowMs));
  }

  /** All peers, best first, for one request. `nowMs` is monotonic. */
  order(nowMs: number, wish: Wish): readonly Peer[] {
    const peers = this.#peers;
    if (peers.length <= 1) return peers;
    this.#budget.countRequest(nowMs);
    const due = allDue(peers, nowMs) ? peers : peers.filter((peer) => peer.isDue(nowMs));
    if (due.length === peers.length || due.length === 0) return this.#arrange(peers, wish);
    return [...this.#arrange(due, wish), ...peers.filter((peer) => !peer.isDue(nowMs))];
  }

  /**
   * Whether another peer may be tried after `fault`. What nobody heard has been no load to anybody, and is not counted: so a peer
   * that was killed, or cut off, costs no client its tunnel.
   */
  mayRetry(fault: ProxyError, nowMs: number): boolean {
    if (!REASONS[fault.reason].retryable) return false;
    if (isUnreached(fault) || this.#budget.takeRetry(nowMs)) return true;
    this.#onRetryRefused?.();
    return false;
  }

  /** The order in which peers are tried while all are up and none is busier than another; else that of the file. */
  foreseen(wish: Wish): readonly Peer[] {
    return isForeseeable(this.#balance) && this.#peers.length > 0
      ? this.#arrange(this.#peers, wish)
      : this.#peers;
  }
}

function allDue(peers: readonly Peer[], nowMs: number): boolean {
  for (const peer of peers) if (!peer.isDue(nowMs)) return false;
  return true;
}
