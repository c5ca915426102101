/**
 * The system calls of an audit file: those of a log, told of each write's fate, with a way to have what was written on the disk itself.
 * Where somebody waits for each write, and the disk is quick, it is made at once: that costs a few µs, and a trip through the thread
 * pool 75 and more. A disk that is not quick holds up the main thread once, and then for a while no more.
 */
import fs from 'node:fs';
import { promisify } from 'node:util';
import { FILE_CALLS, type FileCalls } from '#record/log-file.ts';

/** Of a write that was more than a copy into the kernel's memory. */
const SLOW_MS = 20;
/** How long the disk is not believed to be quick, after a write that was slow. */
const WARY_MS = 5_000;

/** The calls of an audit file. */
export interface AuditCalls extends FileCalls {
  /** Has what was written to the descriptor put on the disk. */
  sync(fd: number): Promise<void>;
  /** Like `write`, on the main thread; absent: every write is left to the thread pool. */
  writeNow?(fd: number, bytes: Buffer, offset: number): number;
}

/** Where nobody waits: no call holds up the main thread. */
export const POOL_CALLS: AuditCalls = { ...FILE_CALLS, sync: promisify(fs.fdatasync) };

/** Where transactions wait. */
export const PROMPT_CALLS: AuditCalls = {
  ...POOL_CALLS,
  writeNow: (fd, bytes, offset) => fs.writeSync(fd, bytes, offset),
};

export interface DiskEvents {
  /** A write failed: there is no room, or the disk is ill. */
  readonly onFailed: (error: NodeJS.ErrnoException) => void;
  /** What was written may not be on the disk. */
  readonly onUnsynced: (error: NodeJS.ErrnoException) => void;
}

export class SyncedDisk implements FileCalls {
  readonly #system: AuditCalls;
  readonly #events: DiskEvents;
  /** When a write was slow last, and until when that counts. */
  #waryUntilMs = 0;
  #isWriting = false;
  #fd: number | undefined = undefined;
  #syncing: Promise<void> = Promise.resolve();
  /** Of syncs and closes: a write beside one may have to wait for the disk itself. */
  #syncs = 0;
  /** Whether one is yet to begin, that does for all who ask meanwhile. */
  #isDue = false;

  constructor(events: DiskEvents, system: AuditCalls = POOL_CALLS) {
    this.#system = system;
    this.#events = events;
  }

  /** Whether a write is under way. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Whether the next write is made at once, so that it needs no company. */
  get isPrompt(): boolean {
    return this.#system.writeNow !== undefined && this.#syncs === 0 && performance.now() >= this.#waryUntilMs;
  }

  open(path: string): Promise<number> {
    return this.#system.open(path);
  }

  async write(fd: number, bytes: Buffer, offset: number): Promise<number> {
    this.#fd = fd;
    this.#isWriting = true;
    try {
      const written = this.isPrompt
        ? this.#writeNow(fd, bytes, offset)
        : await this.#system.write(fd, bytes, offset);
      this.#isWriting = false;
      return written;
    } catch (error) {
      this.#isWriting = false;
      this.#events.onFailed(error as NodeJS.ErrnoException);
      throw error;
    }
  }

  #writeNow(fd: number, bytes: Buffer, offset: number): number {
    const beganMs = performance.now();
    try {
      return (this.#system.writeNow as NonNullable<AuditCalls['writeNow']>)(fd, bytes, offset);
    } finally {
      const endedMs = performance.now();
      if (endedMs - beganMs > SLOW_MS) this.#waryUntilMs = endedMs + WARY_MS;
    }
  }

  /** What is let go of is on the disk. */
  async close(fd: number): Promise<void> {
    await this.#syncing;
    if (this.#fd === fd) this.#fd = undefined;
    await this.#sync(fd);
    await this.#system.close(fd);
  }

  /** Has what was written so far put on the disk, beside all other writes. Never rejects. */
  sync(): Promise<void> {
    const fd = this.#fd;
    if (fd === undefined || this.#isDue) return this.#syncing;
    this.#isDue = true;
    const begin = (): Promise<void> => {
      this.#isDue = false;
      return this.#sync(fd);
    };
    this.#syncing = this.#syncing.then(begin);
    return this.#syncing;
  }

  async #sync(fd: number): Promise<void> {
    this.#syncs += 1;
    await this.#system.sync(fd).catch(this.#events.onUnsynced);
    this.#syncs -= 1;
  }
}
