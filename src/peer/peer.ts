/**
 * One peer as this process sees it: how many tunnels go through it, and whether it could be reached lately. Only faults
 * of the peer itself are reported here, never what a peer says about a target.
 *
 *   up --failed()--> backing off (0.5 s, doubled each time up to 30 s) --retry falls due--> tried again
 *   any --succeeded()--> up
 */
import type { Reason } from '#errors.ts';
import type { PeerOptions } from './options.ts';

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 30_000;

/** Told of every fault, for metrics. */
export type OnPeerFault = (peer: string, reason: Reason) => void;

export class Peer {
  readonly options: PeerOptions;
  readonly #onFault: OnPeerFault;
  #openTunnels = 0;
  #failures = 0;
  #retryAtMs = 0;

  constructor(options: PeerOptions, onFault: OnPeerFault = () => {}) {
    this.options = options;
    this.#onFault = onFault;
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

  succeeded(): void {
    this.#failures = 0;
  }

  failed(reason: Reason, nowMs: number): void {
    this.#failures += 1;
    this.#retryAtMs = nowMs + Math.min(FIRST_BACK_OFF_MS * 2 ** (this.#failures - 1), LONGEST_BACK_OFF_MS);
    this.#onFault(this.name, reason);
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
  onFault: OnPeerFault,
): ReadonlyMap<string, Peer> {
  const peers = new Map<string, Peer>();
  for (const one of options) {
    const old = previous.get(one.name);
    const isSame = old !== undefined && JSON.stringify(old.options) === JSON.stringify(one);
    peers.set(one.name, isSame ? old : new Peer(one, onFault));
  }
  return peers;
}
