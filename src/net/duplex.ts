/**
 * The relay: copies bytes both ways between two legs, once for every kind of tunnel. A FIN passes as a FIN and a reset
 * as a reset; a leg is not read while the other has not taken what was read before. Clocks and records are the caller's.
 */
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import type { Leg, Sink } from './leg.ts';

export type End = 'client' | 'upstream';

/** How a relay came to its end. */
export interface Ending {
  /** Who ended first, or broke; `proxy` when {@link Relay.cut} did. */
  readonly by: End | 'proxy';
  /** `end`: both sides finished in order; `reset`: one side broke off; `cut`: we did. */
  readonly how: 'end' | 'reset' | 'cut';
  readonly error: Error | undefined;
}

export interface RelayObserver {
  /** One side has ended and the other goes on. */
  onHalfClose(): void;
  /** Both legs are closed. Called exactly once. */
  onDone(ending: Ending): void;
}

/** One direction: what a leg reads, the other writes. */
class Direction {
  readonly from: Leg;
  readonly to: Leg;
  /** A write is pending and `from` waits for it. */
  blocked = false;
  bytes = 0;
  /** When the first byte passed (monotonic milliseconds); 0: none yet. */
  firstByteAtMs = 0;

  constructor(from: Leg, to: Leg) {
    this.from = from;
    this.to = to;
  }

  /** @returns false when `from` must wait until the write is done */
  write(chunk: Buffer): boolean {
    if (!this.to.isWritable) return false;
    if (this.bytes === 0) this.firstByteAtMs = performance.now();
    this.bytes += chunk.length;
    const owned = this.from.ownsBuffer;
    if (this.to.write(owned ? chunk : Buffer.from(chunk))) return true;
    this.blocked = true;
    if (owned) this.from.lentToWrite = true;
    return false;
  }

  /** All is written, or never will be. */
  unblock(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.from.lentToWrite = false;
    this.from.resume();
  }
}

export class Relay implements Sink {
  readonly #up: Direction;
  readonly #down: Direction;
  readonly #observer: RelayObserver;
  #ending: Ending | undefined = undefined;
  #firstToEnd: End | undefined = undefined;
  #isDone = false;

  constructor(legs: { readonly client: Leg; readonly upstream: Leg }, observer: RelayObserver) {
    this.#up = new Direction(legs.client, legs.upstream);
    this.#down = new Direction(legs.upstream, legs.client);
    this.#observer = observer;
  }

  get bytesFromClient(): number {
    return this.#up.bytes;
  }

  get bytesToClient(): number {
    return this.#down.bytes;
  }

  /** When the upstream's first byte passed (monotonic milliseconds); 0: none yet. */
  get firstByteAtMs(): number {
    return this.#down.firstByteAtMs;
  }

  /** Takes over both legs; what they held back is passed on first. */
  start(): void {
    for (const direction of [this.#up, this.#down]) {
      const held = direction.from.takeHeld();
      if (held !== undefined) direction.write(held);
    }
    for (const direction of [this.#up, this.#down]) {
      direction.from.attach(this);
      if (!direction.blocked) direction.from.resume();
    }
  }

  /** From now on the kernel asks a side that is silent for `afterMs` whether it is still there. */
  keepAlive(afterMs: number): void {
    for (const { from } of [this.#up, this.#down]) from.keepAlive(afterMs);
  }

  /** Ends both sides at once with a reset, so that neither takes it for a clean end. */
  cut(): void {
    this.#ending ??= { by: 'proxy', how: 'cut', error: undefined };
    this.#up.from.reset();
    this.#down.from.reset();
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    return this.#from(leg).write(chunk);
  }

  onEnd(leg: Leg): void {
    const to = this.#from(leg).to;
    if (to.destroyed || this.#ending !== undefined) return;
    const first = this.#firstToEnd === undefined;
    this.#firstToEnd ??= this.#nameOf(leg);
    // Both FINs are in and nothing is left to write: close without the shutdown that would tell nobody anything.
    if (to.ended && to.pendingBytes === 0) to.destroy();
    else to.end();
    if (first && !to.ended) this.#observer.onHalfClose();
  }

  onDrain(leg: Leg): void {
    this.#to(leg).unblock();
  }

  onClose(leg: Leg, error: Error | undefined): void {
    // A write that failed at once is told of by the close alone.
    this.#to(leg).unblock();
    const other = this.#from(leg).to;
    const clean = error === undefined && leg.ended && other.ended;
    if (this.#ending === undefined && clean) {
      this.#ending = { by: this.#firstToEnd ?? this.#nameOf(leg), how: 'end', error: undefined };
    }
    this.#ending ??= { by: this.#nameOf(leg), how: 'reset', error };
    if (!other.closed) this.#finish(other, clean);
    else this.#done(this.#ending);
  }

  /** Two legs that were closed before the relay began each say so when it attaches to them. */
  #done(ending: Ending): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#observer.onDone(ending);
  }

  /** One side is closed: the other still gets what is on its way to it when all ended well, and a reset otherwise. */
  #finish(other: Leg, clean: boolean): void {
    if (clean) other.destroySoon();
    else other.reset();
  }

  #from(leg: Leg): Direction {
    return leg === this.#up.from ? this.#up : this.#down;
  }

  #to(leg: Leg): Direction {
    return leg === this.#up.to ? this.#up : this.#down;
  }

  #nameOf(leg: Leg): End {
    return leg === this.#up.from ? 'client' : 'upstream';
  }
}
