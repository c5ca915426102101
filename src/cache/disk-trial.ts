/**
 * What follows when a write has failed: it is told of, and later it is tried whether the disk can be written again, with a file that
 * nobody reads and that is removed at once. Without that nobody would know for as long as no answer comes that is to be kept.
 */
import type { DiskFiles } from './disk-files.ts';
import { takenBy } from './disk-folder.ts';
import { type DiskHealth, PAUSE_MS } from './disk-health.ts';
import type { DiskJobs } from './disk-jobs.ts';

const PIECE = Buffer.alloc(64 * 1024);

export interface DiskTrialParts {
  readonly files: DiskFiles;
  readonly jobs: DiskJobs;
  readonly health: DiskHealth;
  /** What is tried at most, in bytes. */
  readonly maxBytes: number;
  /** Told of what failed, trials among them. */
  readonly onFault: (error: unknown) => void;
}

export class DiskTrial {
  readonly #parts: DiskTrialParts;
  #clock: NodeJS.Timeout | undefined = undefined;
  #isStopped = false;

  constructor(parts: DiskTrialParts) {
    this.#parts = parts;
  }

  /** A write of so many bytes has failed: as many are tried when the pause is over, in place of what was to be tried then. */
  noteFailed(error: unknown, bytes: number): void {
    const { health, onFault } = this.#parts;
    health.noteFailed();
    onFault(error);
    clearTimeout(this.#clock);
    if (this.#isStopped) return;
    this.#clock = setTimeout(() => void this.#parts.jobs.add(() => this.#try(bytes)), PAUSE_MS);
    this.#clock.unref();
  }

  /** Tries nothing from now on. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#clock);
  }

  async #try(bytes: number): Promise<void> {
    const { health, maxBytes } = this.#parts;
    if (this.#isStopped || !health.hasFailed || health.offBy !== undefined) return;
    try {
      await this.#write(Math.max(1, Math.min(bytes, maxBytes)));
      health.noteWritten();
    } catch (error) {
      this.noteFailed(error, bytes);
    }
  }

  /** In the order of an answer that is kept: it is written first, and then others make way for it. */
  async #write(bytes: number): Promise<void> {
    const { files } = this.#parts;
    const path = await files.folder.begin(blank(bytes));
    try {
      await files.makeRoom(takenBy(bytes));
    } finally {
      await files.folder.discard(path);
    }
  }
}

async function* blank(bytes: number): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; left -= PIECE.length) yield PIECE.subarray(0, left);
}
