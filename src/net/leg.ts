/**
 * One side of a tunnel: a socket whose reads land in reused buffers (`onread`) and go to whoever is in charge at the
 * time, first the reader of a peer's reply or nobody, then the relay. Owns the socket's buffer; knows no policy.
 */
import type net from 'node:net';
import { type BufferPool, SCRATCH_BYTES } from './buffers.ts';

/** Takes what a leg reads. A chunk may only be kept, or written without a copy, where {@link Leg.ownsBuffer} says so. */
export interface Sink {
  /** @returns false to pause the leg until {@link Leg.resume} */
  onChunk(leg: Leg, chunk: Buffer): boolean;
  /** The other end has sent its FIN; nothing more will be read. */
  onEnd(leg: Leg): void;
  /** The socket is closed, by `error` where there is one. */
  onClose(leg: Leg, error: Error | undefined): void;
}

/** Reads in a row of at least half the scratch buffer that earn a buffer of the leg's own, and small ones that lose it. */
const GROW_AFTER = 2;
const SHRINK_AFTER = 16;
const FULL_READ = SCRATCH_BYTES / 2;

/** In charge of a leg that has no reader yet: bytes wait in the leg, and its end is seen by whoever attaches next. */
export const NOBODY: Sink = {
  onChunk: (leg, chunk) => {
    leg.hold(chunk);
    return false;
  },
  onEnd: () => {},
  onClose: () => {},
};

export class Leg {
  readonly socket: net.Socket;
  readonly #pool: BufferPool;
  #sink: Sink = NOBODY;
  #own: Buffer | undefined = undefined;
  /** Large reads in a row; below zero, small ones. */
  #streak = 0;
  #held: Buffer[] = [];
  #error: Error | undefined = undefined;
  /** Whether the far end has sent its FIN. */
  ended = false;
  closed = false;
  bytesRead = 0;

  constructor(pool: BufferPool, open: (onread: net.OnReadOpts) => net.Socket) {
    this.#pool = pool;
    this.socket = open({
      buffer: this.#nextBuffer as () => Uint8Array,
      callback: (count, buffer) => this.#read(count, buffer as Buffer),
    });
    this.socket.on('end', () => {
      this.ended = true;
      this.#sink.onEnd(this);
    });
    this.socket.on('error', (error) => {
      this.#error = error;
    });
    this.socket.once('close', () => this.#close());
  }

  /** Whether a chunk given to the sink stays valid until the leg reads again, so that it can be written as it is. */
  get ownsBuffer(): boolean {
    return this.#own !== undefined;
  }

  /** Why the socket failed, where it did. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Puts `sink` in charge. It is told at once of an end or a close that has already happened, and of nothing twice. */
  attach(sink: Sink): void {
    this.#sink = sink;
    if (this.closed) sink.onClose(this, this.#error);
    else if (this.ended) sink.onEnd(this);
  }

  /** Keeps a copy of `chunk` for whoever comes next. */
  hold(chunk: Buffer): void {
    this.#held.push(Buffer.from(chunk));
  }

  /** How much is kept. */
  get heldBytes(): number {
    let bytes = 0;
    for (const chunk of this.#held) bytes += chunk.length;
    return bytes;
  }

  /** What came while nobody was in charge; the caller owns it. */
  takeHeld(): Buffer | undefined {
    const held = this.#held;
    if (held.length === 0) return undefined;
    this.#held = [];
    return held.length === 1 ? held[0] : Buffer.concat(held);
  }

  /** Goes on reading after a sink returned false. */
  resume(): void {
    if (!this.socket.destroyed) this.socket.resume();
  }

  /** Ends the connection with RST, so that the far end cannot take it for a clean end. */
  reset(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    if (socket.connecting) socket.destroy();
    // While the FIN is being sent libuv refuses the reset (EINVAL), and Node would lose the handle: wait for that instant.
    else if (socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished)
      socket.once('finish', () => socket.resetAndDestroy());
    else socket.resetAndDestroy();
  }

  #read(count: number, buffer: Buffer): boolean {
    this.bytesRead += count;
    if (count >= FULL_READ) this.#streak = this.#streak < 0 ? 1 : this.#streak + 1;
    else this.#streak = this.#streak > 0 ? -1 : this.#streak - 1;
    return this.#sink.onChunk(this, count === buffer.length ? buffer : buffer.subarray(0, count));
  }

  /** Node asks after each read; undefined keeps the present buffer. */
  readonly #nextBuffer = (): Buffer | undefined => {
    if (this.#own === undefined) {
      if (this.#streak < GROW_AFTER) return this.bytesRead === 0 ? this.#pool.scratch : undefined;
      this.#own = this.#pool.take();
      return this.#own;
    }
    // The last write may still hold the buffer: give it back only when the other side took everything at once.
    if (this.#streak > -SHRINK_AFTER || this.#lentToWrite) return undefined;
    this.#releaseBuffer();
    return this.#pool.scratch;
  };

  /** Set by the relay while a write of this leg's own buffer is pending. */
  #lentToWrite = false;
  set lentToWrite(lent: boolean) {
    this.#lentToWrite = lent;
    if (!lent && this.closed) this.#releaseBuffer();
  }

  #releaseBuffer(): void {
    if (this.#own === undefined) return;
    this.#pool.giveBack(this.#own);
    this.#own = undefined;
  }

  #close(): void {
    this.closed = true;
    if (!this.#lentToWrite) this.#releaseBuffer();
    this.#sink.onClose(this, this.#error);
  }
}
