/**
 * Connections to one peer that are opened ahead, so that a tunnel through it begins with its CONNECT: all that comes before is done.
 * Bounded in number and age, and given up first when file descriptors run out. One that ends, or says something unasked, is let go
 * before anybody uses it.
 */
import { ProxyError, REASONS } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import type { Closable } from '#net/idle-sockets.ts';
import { type Leg, NOBODY, type Sink } from '#net/leg.ts';
import { dialPeer, type PeerTools } from './dial-peer.ts';
import type { Peer } from './peer.ts';
import type { WarmLeg, WarmLegs } from './warm-leg.ts';

/** Less than the next tier waits for a first byte (its `timeouts.keepAlive`, 75 s unless it says otherwise). */
const LONGEST_MS = 45_000;
const LOOK_EVERY_MS = 1_000;

export interface StandbyParts {
  readonly peer: Peer;
  /** So many are kept ready. */
  readonly count: number;
  /** As they are when a connection is opened. */
  readonly tools: () => PeerTools;
}

export class Standby implements WarmLegs {
  readonly #parts: StandbyParts;
  /** The oldest first. */
  readonly #warm = new Set<Warm>();
  readonly #opening = new Set<Abort>();
  readonly #timer: NodeJS.Timeout;

  constructor(parts: StandbyParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    this.#refill();
  }

  get wanted(): number {
    return this.#parts.count;
  }

  get size(): number {
    return this.#warm.size;
  }

  /** The oldest, so that none grows old while there is traffic. Another takes its place. */
  take(): WarmLeg | undefined {
    const [oldest] = this.#warm;
    if (oldest === undefined) return undefined;
    oldest.forget();
    oldest.leg.attach(NOBODY);
    this.#refill();
    return oldest;
  }

  /** Lets go of those that are too old, and opens what is missing. */
  look(): void {
    const { wheel } = this.#parts.tools();
    for (const warm of [...this.#warm]) if (wheel.now() - warm.bornMs >= LONGEST_MS) warm.destroy();
    this.#refill();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const abort of this.#opening) abort.abort(new ProxyError('draining'));
    for (const warm of [...this.#warm]) warm.destroy();
  }

  #refill(): void {
    const { peer, count, tools } = this.#parts;
    const missing = count - this.#warm.size - this.#opening.size;
    if (missing <= 0) return;
    const now = tools();
    if (!peer.isDue(now.wheel.now())) return;
    for (let i = 0; i < missing; i += 1) this.#open(now);
  }

  #open(tools: PeerTools): void {
    const { peer } = this.#parts;
    const abort = new Abort();
    this.#opening.add(abort);
    dialPeer(
      { tools, options: peer.options, tls: peer.tls, abort },
      {
        onDialled: (leg, address) => {
          this.#opening.delete(abort);
          this.#keep(tools, leg, address);
        },
        onFault: ({ reason }) => {
          this.#opening.delete(abort);
          const now = tools.wheel.now();
          // All that are missing may fail at once, which is one fault.
          if (abort.reason === undefined && REASONS[reason].retryable && peer.isDue(now))
            peer.failed(reason, now);
        },
      },
    );
  }

  #keep({ idle, wheel }: PeerTools, leg: Leg, address: string): void {
    const onGone = (warm: Warm): void => {
      this.#warm.delete(warm);
      idle.delete(warm);
    };
    const warm = new Warm({ leg, address, bornMs: wheel.now(), onGone });
    this.#warm.add(warm);
    idle.add(warm);
    // It may have ended already, or said something.
    leg.attach(warm);
    if (leg.heldBytes > 0) warm.destroy();
  }
}

interface WarmParts extends WarmLeg {
  readonly bornMs: number;
  readonly onGone: (warm: Warm) => void;
}

/** In charge of one while it waits. */
class Warm implements WarmLeg, Closable, Sink {
  previous: Closable | undefined = undefined;
  next: Closable | undefined = undefined;
  readonly leg: Leg;
  readonly address: string;
  readonly bornMs: number;
  readonly #onGone: (warm: Warm) => void;

  constructor({ leg, address, bornMs, onGone }: WarmParts) {
    this.leg = leg;
    this.address = address;
    this.bornMs = bornMs;
    this.#onGone = onGone;
  }

  /** It is somebody else's now, or gone. */
  forget(): void {
    this.#onGone(this);
  }

  destroy(): void {
    this.forget();
    this.leg.destroy();
  }

  onChunk(): boolean {
    this.destroy();
    return false;
  }

  onEnd(): void {
    this.destroy();
  }

  onClose(): void {
    this.forget();
  }
}
