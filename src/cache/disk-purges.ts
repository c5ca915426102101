/**
 * URLs of which everything is to go from a disk. Those that wait are one job, which lists each folder once, so that however many
 * requests change something, the disk keeps up with them.
 */
import type { DiskFiles } from './disk-files.ts';
import { urlHash } from './file-name.ts';

/** More waits for nothing but a disk that does not answer. */
const MAX_PURGES = 50_000;

type Counts = ReadonlyMap<string, number>;

export interface DiskPurgesParts {
  readonly files: DiskFiles;
  /** Has a job done after those before, and hides what is meant until then; undefined: it could not be done. */
  readonly away: (
    isMeant: (url: string) => boolean,
    job: () => Promise<Counts>,
  ) => Promise<Counts | undefined>;
  /** Told that more wait than may. */
  readonly onFull: () => void;
}

/** A job that has not begun, of what has these hashes. */
interface Waiting {
  readonly hashes: Set<string>;
  readonly done: Promise<Counts | undefined>;
}

export class DiskPurges {
  readonly #parts: DiskPurgesParts;
  #waiting: Waiting | undefined = undefined;

  constructor(parts: DiskPurgesParts) {
    this.#parts = parts;
  }

  /**
   * Nothing of the URL may wait to be written, so that it is no matter how early among the jobs its removal is.
   * @returns how many files that were; undefined: not all could be removed
   */
  async add(url: string): Promise<number | undefined> {
    const hash = urlHash(url);
    this.#waiting ??= this.#begin();
    const { hashes, done } = this.#waiting;
    if (hashes.size >= MAX_PURGES) {
      this.#parts.onFull();
      return undefined;
    }
    hashes.add(hash);
    const counts = await done;
    return counts && (counts.get(hash) ?? 0);
  }

  #begin(): Waiting {
    const { files, away } = this.#parts;
    const hashes = new Set<string>();
    const end = (): void => {
      if (this.#waiting?.hashes === hashes) this.#waiting = undefined;
    };
    const done = away(
      (url) => hashes.has(urlHash(url)),
      () => {
        end();
        return files.removeOf(hashes);
      },
    );
    // Where it could not be begun the next one tries again.
    return { hashes, done: done.finally(end) };
  }
}
