/**
 * In which order the peers of a route are tried. Those that failed lately come last and are tried only when nothing
 * else is left: the last peers are never given up for the sake of a back-off.
 */
import type { Balance } from './options.ts';
import type { Peer } from './peer.ts';

/** Chooses among one route's peers; keeps the turn of `roundRobin`. */
export class Selector {
  readonly #peers: readonly Peer[];
  readonly #balance: Balance;
  #turn = 0;

  constructor(peers: readonly Peer[], balance: Balance) {
    this.#peers = peers;
    this.#balance = balance;
  }

  /** All peers, best first. `nowMs` is monotonic. */
  order(nowMs: number): readonly Peer[] {
    const ordered = this.#balanced();
    if (ordered.every((peer) => peer.isDue(nowMs))) return ordered;
    return [...ordered.filter((peer) => peer.isDue(nowMs)), ...ordered.filter((peer) => !peer.isDue(nowMs))];
  }

  #balanced(): readonly Peer[] {
    const peers = this.#peers;
    if (this.#balance === 'failover' || peers.length === 1) return peers;
    if (this.#balance === 'leastTunnels') return peers.toSorted((a, b) => a.openTunnels - b.openTunnels);
    const start = this.#turn;
    this.#turn = (start + 1) % peers.length;
    return [...peers.slice(start), ...peers.slice(0, start)];
  }
}
