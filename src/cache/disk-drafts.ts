/** Files that have no name yet: a few are filled at a time, and each gets its name when there is room for it. */
import type { DiskFiles } from './disk-files.ts';
import { takenBy } from './disk-folder.ts';
import type { PlacedFile } from './disk-index.ts';
import { type Entry, wholeSizeOf } from './entry.ts';
import type { FileName } from './file-name.ts';
import { piecesOf } from './file-pieces.ts';
import { checksumsOf, headFor } from './kept-file.ts';
import { Turns } from './turns.ts';

/** So many drafts are filled at the same time; more would only wait, since each call takes its turn. */
const FILES_AT_ONCE = 4;
/** What a head takes at most, nearly always. */
const HEAD_BYTES = 64 * 1024;

export interface Draft {
  readonly path: string;
  /** What the file takes on disk. */
  readonly bytes: number;
}

/** Undefined where it is not to be written after all. */
export type Drafting = Promise<Draft | undefined>;

export class DiskDrafts {
  readonly #files: DiskFiles;
  readonly #turns = new Turns({ atOnce: FILES_AT_ONCE, waiting: Number.POSITIVE_INFINITY });

  constructor(files: DiskFiles) {
    this.#files = files;
  }

  /** Fills a file when its turn comes, if it is wanted then. */
  begin(entry: Entry, isWanted: () => boolean): Drafting {
    return this.#turns.take(async () => {
      if (!isWanted()) return undefined;
      const { body } = entry;
      const head = headFor(entry, Buffer.isBuffer(body) ? await checksumsOf(body) : body.checksums);
      if (head === undefined) return undefined;
      const path = await this.#files.folder.begin(piecesOf(head, body));
      return { path, bytes: takenBy(head.length + body.length) };
    });
  }

  /** Before it is begun: for one that is too large to wait beside what is to make way for it. */
  makeRoomFor({ body }: Entry): Promise<void> {
    return this.#files.makeRoom(takenBy(body.length + HEAD_BYTES));
  }

  /** Never rejects. */
  async discard(draft: Draft | undefined): Promise<void> {
    if (draft !== undefined) await this.#files.folder.discard(draft.path);
  }

  /** Makes room for it, and gives it its name. @returns what is too much of its URL now */
  async finish(draft: Draft, name: FileName): Promise<readonly PlacedFile[]> {
    const { bytes, path } = draft;
    try {
      await this.#files.makeRoom(bytes);
    } catch (error) {
      await this.discard(draft);
      throw error;
    }
    await this.#files.folder.finish(path, name);
    return this.#files.index.add({ ...name, bytes });
  }
}

/** What counts of one that waits to be written, or to get its name: what it takes in memory or on disk, whichever is more. */
export function pendingSizeOf(entry: Entry): number {
  // In JSON each text takes three bytes more; what else it says takes less than counts in memory.
  return takenBy(wholeSizeOf(entry) + 3 * entry.headers.length);
}
