/**
 * One peer as this process sees it: how many tunnels go through it, and whether it could be reached lately. Only faults
 * of the peer itself are reported here, never what a peer says about a target.
 * Processes of one host tell each other when that changes, and only then, so that a peer is down for all of them or none.
 *
 *   up --failed()--> backing off (0.5 s, doubled each time up to 30 s) --retry falls due--> tried again
 *   any --succeeded()--> up
 */
import type { Reason } from '#errors.ts';
import { TlsClient } from '#net/tls-client.ts';
import type { PeerOptions } from './options.ts';

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 30_000;

/** Told of every fault, for metrics. */
export type OnPeerFault = (peer: string, reason: Reason) => void;

/** Told when the peer went down, was tried again in vain, or came up; `failures` in a row, 0 for up. */
export type OnPeerHealth = (peer: string, failures: number) => void;

/** Who wants to know how peers do. */
export interface PeerWatch {
  readonly onFault?: OnPeerFault;
  readonly onHealth?: OnPeerHealth | undefined;
}

export class Peer {
  readonly options: PeerOptions;
  /** Undefined: without TLS. */
  readonly tls: TlsClient | undefined;
  readonly #watch: PeerWatch;
  #openTunnels = 0;
  #failures = 0;
  #retryAtMs = 0;

  constructor(options: PeerOptions, watch: PeerWatch = {}) {
    this.options = options;
    this.tls = options.tls && new TlsClient(options.tls);
    this.#watch = watch;
  }

  get name(): string {
    return this.options.name;
  }

  /** Tunnels and requests that go through this peer now. */
  get openTunnels(): number {
    return this.#openTunnels;
  }

  /** Whether its last attempt succeeded; a peer never tried counts as up. */
  get isUp(): boolean {
    return this.#failures === 0;
  }

  /** Whether it may be tried at `nowMs` (monotonic) without waiting. */
  isDue(nowMs: number): boolean {
    return this.#failures === 0 || nowMs >= this.#retryAtMs;
  }

  /** Faults in a row. */
  get failures(): number {
    return this.#failures;
  }

  succeeded(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#watch.onHealth?.(this.name, 0);
  }

  failed(reason: Reason, nowMs: number): void {
    // While it backs off, more of the same from transactions under way is no news.
    const isNews = this.isDue(nowMs);
    this.#backOff(this.#failures + 1, nowMs);
    this.#watch.onFault?.(this.name, reason);
    if (isNews) this.#watch.onHealth?.(this.name, this.#failures);
  }

  /** Takes over what another process has found out, and tells nobody. */
  learn(failures: number, nowMs: number): void {
    if (failures === 0) this.#failures = 0;
    else if (failures > this.#failures) this.#backOff(failures, nowMs);
  }

  #backOff(failures: number, nowMs: number): void {
    this.#failures = failures;
    this.#retryAtMs = nowMs + Math.min(FIRST_BACK_OFF_MS * 2 ** (failures - 1), LONGEST_BACK_OFF_MS);
  }

  /** Counts one tunnel or request until the returned function is called. */
  occupy(): () => void {
    this.#openTunnels += 1;
    let isOpen = true;
    return () => {
      if (isOpen) this.#openTunnels -= 1;
      isOpen = false;
    };
  }
}

/** The peers of a new configuration; those whose settings are unchanged keep their state. */
export function buildPeers(
  options: readonly PeerOptions[],
  previous: ReadonlyMap<string, Peer>,
  watch: PeerWatch,
): ReadonlyMap<string, Peer> {
  const peers = new Map<string, Peer>();
  for (const one of options) {
    const old = previous.get(one.name);
    const isSame = old !== undefined && JSON.stringify(old.options) === JSON.stringify(one);
    peers.set(one.name, isSame ? old : new Peer(one, watch));
  }
  return peers;
}
