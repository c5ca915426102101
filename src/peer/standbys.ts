/** The warm connections of all peers: which peers have some, and how many of them are this process's. */
import type { PeerTools } from './dial-peer.ts';
import type { Peer } from './peer.ts';
import { Standby } from './standby.ts';

/** Which of the processes of a host this one is. */
export interface Seat {
  /** From 0 on. */
  readonly index: number;
  readonly count: number;
}

export interface StandbysParts {
  readonly tools: () => PeerTools;
  readonly seat: Seat;
}

export class Standbys {
  readonly #parts: StandbysParts;
  #standbys = new Map<Peer, Standby>();

  constructor(parts: StandbysParts) {
    this.#parts = parts;
  }

  /** From now on these have their warm connections and no others; those that had before keep theirs. */
  watch(peers: Iterable<Peer>): void {
    const { tools, seat } = this.#parts;
    const before = this.#standbys;
    this.#standbys = new Map();
    for (const peer of peers) {
      const count = shareOf(peer.options.standby, seat);
      if (count === 0) continue;
      const standby = before.get(peer) ?? new Standby({ peer, count, tools });
      this.#standbys.set(peer, standby);
      peer.warm = standby;
      before.delete(peer);
    }
    for (const [peer, standby] of before) {
      peer.warm = undefined;
      standby.stop();
    }
  }

  stop(): void {
    this.watch([]);
  }
}

/** Of what a host has, this process's: all together have just that. */
export function shareOf(total: number, { index, count }: Seat): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}
