/**
 * One side of a tunnel: a connection whose reads land in reused buffers and go to whoever is in charge at the time, first the
 * reader of its head or of a peer's reply or nobody, then the relay. Owns the connection's buffer; knows no policy. What kind of
 * connection it is, is for `tcp-leg.ts` and `socket-leg.ts` to say.
 */
import { type BufferPool, SCRATCH_BYTES } from './buffers.ts';
import type { Account } from './ledger.ts';

/** Where a connection leads, or is to lead. */
export interface Place {
  /** IP address, never a name. */
  readonly address: string;
  readonly port: number;
  /** Address of this host that the connection begins at; the system's choice where it is left out. */
  readonly source?: string | undefined;
}

/** Takes what a leg reads. A chunk may only be kept, or written without a copy, where {@link Leg.ownsBuffer} says so. */
export interface Sink {
  /** @returns false to pause the leg until {@link Leg.resume} */
  onChunk(leg: Leg, chunk: Buffer): boolean;
  /** The other end has sent its FIN; nothing more will be read. */
  onEnd(leg: Leg): void;
  /** All that the leg was given to write has been taken, after a write that had to wait. */
  onDrain?(leg: Leg): void;
  /** The connection is closed, by `error` where there is one. */
  onClose(leg: Leg, error: Error | undefined): void;
}

/** Reads in a row of at least half the scratch buffer that earn a buffer of the leg's own, and small ones that lose it. */
const GROW_AFTER = 2;
const SHRINK_AFTER = 16;
const FULL_READ = SCRATCH_BYTES / 2;
/** What is held is put together when it is in so many. */
const MAX_HELD_PIECES = 64;

/** In charge of a leg that has no reader yet: bytes wait in the leg, and its end is seen by whoever attaches next. */
export const NOBODY: Sink = {
  onChunk: (leg, chunk) => {
    leg.hold(chunk);
    return false;
  },
  onEnd: () => {},
  onClose: () => {},
};

export abstract class Leg {
  protected readonly pool: BufferPool;
  protected readonly account: Account;
  #sink: Sink = NOBODY;
  #own: Buffer | undefined = undefined;
  /** Whether a write of {@link #own} is pending. */
  #lentToWrite = false;
  /** Large reads in a row; below zero, small ones. */
  #streak = 0;
  #held: Buffer[] = [];
  #error: Error | undefined = undefined;
  /** How much is kept. */
  heldBytes = 0;
  /** Whether the far end has sent its FIN. */
  ended = false;
  closed = false;
  bytesRead = 0;

  /** `account` is told when it closes. */
  constructor(pool: BufferPool, account: Account) {
    this.pool = pool;
    this.account = account;
  }

  /** Whether it is being closed: nothing more is read or written. */
  abstract get destroyed(): boolean;
  /** Whether we have ended our side; what was written before may still be on its way. */
  abstract get writableEnded(): boolean;
  /** How much of what was written has yet to be taken. */
  abstract get pendingBytes(): number;
  /** Bytes that came over the connection, whoever read them; and those that were written to it. */
  abstract get received(): number;
  abstract get sent(): number;
  /** The far end, where it is still there. */
  abstract get remote(): Place | undefined;

  /**
   * Writes, while {@link isWritable}, `bytes` and `more` behind them. @returns true: all is taken; false: they must stay as they are
   * until {@link Sink.onDrain} or the close
   */
  abstract write(bytes: Buffer, more?: Buffer): boolean;
  /** Writes text of Latin-1. @returns as {@link write} */
  abstract writeText(text: string): boolean;
  /** Sends a FIN, when all is written. A leg that has ended too closes then. */
  abstract end(): void;
  /** Closes at once. */
  abstract destroy(): void;
  /** Closes when all is written. */
  abstract destroySoon(): void;
  /** Ends the connection with RST, so that the far end cannot take it for a clean end. */
  abstract reset(): void;
  /** Reads, or goes on reading after a sink returned false. */
  abstract resume(): void;
  /** From now on the kernel asks a far end that is silent for `afterMs` whether it is still there. */
  abstract keepAlive(afterMs: number): void;

  /** Whether something can still be written. */
  get isWritable(): boolean {
    return !this.writableEnded && !this.destroyed;
  }

  /** Whether a chunk given to the sink stays valid until the leg reads again, so that it can be written as it is. */
  get ownsBuffer(): boolean {
    return this.#own !== undefined;
  }

  /** Why the connection failed, where it did. */
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
    this.heldBytes += chunk.length;
    // Pieces of a byte would take a hundred times their size.
    if (this.#held.length >= MAX_HELD_PIECES) this.#held = [Buffer.concat(this.#held)];
  }

  /** What came while nobody was in charge; the caller owns it. */
  takeHeld(): Buffer | undefined {
    const held = this.#held;
    if (held.length === 0) return undefined;
    this.#held = [];
    this.heldBytes = 0;
    return held.length === 1 ? held[0] : Buffer.concat(held);
  }

  /** Set by the relay while a write of this leg's own buffer is pending. */
  set lentToWrite(lent: boolean) {
    this.#lentToWrite = lent;
    if (!lent && this.closed) this.#releaseBuffer();
  }

  /** For a sink that is told of a chunk: what comes next will be small, so that a large buffer is not kept for it. */
  quieten(): void {
    this.#streak = -SHRINK_AFTER;
  }

  /** `count` bytes have been read into `buffer`. @returns false to pause */
  protected take(count: number, buffer: Buffer): boolean {
    this.bytesRead += count;
    if (count >= FULL_READ) this.#streak = this.#streak < 0 ? 1 : this.#streak + 1;
    else this.#streak = this.#streak > 0 ? -1 : this.#streak - 1;
    return this.#sink.onChunk(this, this.#partOf(buffer, count));
  }

  /** What the next read is to go into; undefined: the same as the last. To be asked after each read. */
  protected nextBuffer(): Buffer | undefined {
    if (this.#own === undefined) {
      if (this.#streak < GROW_AFTER) return undefined;
      this.#own = this.pool.take();
      return this.#own;
    }
    // The last write may still hold the buffer: give it back only when the other side took everything at once.
    if (this.#streak > -SHRINK_AFTER || this.#lentToWrite) return undefined;
    this.#releaseBuffer();
    return this.pool.scratch;
  }

  /** A large buffer of its own from now on; undefined where none is left. */
  protected grow(): Buffer | undefined {
    this.#own ??= this.pool.take();
    this.#streak = GROW_AFTER;
    return this.#own;
  }

  /** What the first read is to go into. */
  protected get firstBuffer(): Buffer {
    return this.pool.scratch;
  }

  protected tellEnd(): void {
    this.ended = true;
    this.#sink.onEnd(this);
  }

  protected tellDrain(): void {
    this.#sink.onDrain?.(this);
  }

  /** The connection is closed, for good. */
  protected tellClose(error: Error | undefined): void {
    this.#error = error;
    this.closed = true;
    this.account.countClosed();
    if (!this.#lentToWrite) this.#releaseBuffer();
    this.#sink.onClose(this, error);
  }

  #partOf(buffer: Buffer, count: number): Buffer {
    if (count === buffer.length) return buffer;
    return buffer === this.pool.scratch ? this.pool.partOfScratch(count) : buffer.subarray(0, count);
  }

  #releaseBuffer(): void {
    if (this.#own === undefined) return;
    this.pool.giveBack(this.#own);
    this.#own = undefined;
  }
}
