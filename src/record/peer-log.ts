/**
 * What the operational log says of peers: which is down and why, and which is back after how long. Once for each change, and of each
 * peer at most once in ten seconds, so that one that comes and goes does not fill the log; a change that was kept back is told when
 * the peer is found down again.
 */
import type { Reason } from '#errors.ts';
import type { Log } from './operational-log.ts';
import type { Now } from './seldom.ts';

const EVERY_MS = 10_000;

/** How a peer was found. */
interface PeerState {
  readonly peer: string;
  /** As the configuration has it. */
  readonly address: string;
  readonly isUp: boolean;
  /** Faults in a row before, 0 for up. */
  readonly before: number;
  /** Its last fault. */
  readonly reason: Reason | undefined;
}

interface Known {
  /** When it was found down; undefined while it is up. */
  sinceMs: number | undefined;
  /** Whether the log says that it is down. */
  isTold: boolean;
  nextMs: number;
  /** How often it was down since, and nobody was told. */
  untold: number;
}

export class PeerLog {
  readonly #log: Pick<Log, 'info' | 'warn'>;
  readonly #now: Now;
  readonly #known = new Map<string, Known>();

  constructor(log: Pick<Log, 'info' | 'warn'>, now: Now = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /** To be called whenever there is news of a peer, also the same again. */
  found(state: PeerState): void {
    const known = this.#known.get(state.peer);
    if (!state.isUp) this.#down(state, known ?? this.#meet(state.peer));
    else if (known?.sinceMs !== undefined) this.#back(state, known, known.sinceMs);
  }

  #meet(peer: string): Known {
    const known = { sinceMs: undefined, isTold: false, nextMs: Number.NEGATIVE_INFINITY, untold: 0 };
    this.#known.set(peer, known);
    return known;
  }

  #down({ peer, address, before, reason }: PeerState, known: Known): void {
    // One that a reload has made anew was up, whatever the one of its name had been.
    if (before === 0) {
      known.sinceMs = undefined;
      known.isTold = false;
    }
    if (known.isTold) return;
    const now = this.#now();
    const isChange = known.sinceMs === undefined;
    known.sinceMs ??= now;
    if (now < known.nextMs) {
      if (isChange) known.untold += 1;
      return;
    }
    const untold = known.untold === 0 ? {} : { untold: known.untold };
    known.isTold = true;
    known.nextMs = now + EVERY_MS;
    known.untold = 0;
    this.#log.warn({ peer, address, reason, ...untold }, 'Peer is down');
  }

  #back({ peer, address }: PeerState, known: Known, sinceMs: number): void {
    known.sinceMs = undefined;
    if (!known.isTold) return;
    known.isTold = false;
    this.#log.info({ peer, address, down_ms: Math.round(this.#now() - sinceMs) }, 'Peer is back');
  }
}
