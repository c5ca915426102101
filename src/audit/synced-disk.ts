/** The system calls of an audit file: those of a log, told of each write's fate, with a way to have what was written on the disk itself. */
import fs from 'node:fs';
import { promisify } from 'node:util';
import { FILE_CALLS, type FileCalls } from '#record/log-file.ts';

const syncFile = promisify(fs.fdatasync);

export interface DiskEvents {
  /** A write failed: there is no room, or the disk is ill. */
  readonly onFailed: (error: NodeJS.ErrnoException) => void;
  /** What was written may not be on the disk. */
  readonly onUnsynced: (error: NodeJS.ErrnoException) => void;
}

export class SyncedDisk implements FileCalls {
  readonly #system: FileCalls;
  readonly #sync: (fd: number) => Promise<void>;
  readonly #events: DiskEvents;
  #fd: number | undefined = undefined;
  #syncing: Promise<void> = Promise.resolve();
  /** Whether one is yet to begin, that does for all who ask meanwhile. */
  #isDue = false;

  constructor(events: DiskEvents, system: FileCalls = FILE_CALLS, sync = syncFile) {
    this.#system = system;
    this.#sync = sync;
    this.#events = events;
  }

  open(path: string): Promise<number> {
    return this.#system.open(path);
  }

  async write(fd: number, bytes: Buffer, offset: number): Promise<number> {
    this.#fd = fd;
    try {
      return await this.#system.write(fd, bytes, offset);
    } catch (error) {
      this.#events.onFailed(error as NodeJS.ErrnoException);
      throw error;
    }
  }

  /** What is let go of is on the disk. */
  async close(fd: number): Promise<void> {
    await this.#syncing;
    if (this.#fd === fd) this.#fd = undefined;
    await this.#sync(fd).catch(this.#events.onUnsynced);
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
    this.#syncing = this.#syncing.then(begin).catch(this.#events.onUnsynced);
    return this.#syncing;
  }
}
