/**
 * URLs of which everything is to go from a disk. Those that wait are one job, which lists each folder once and overtakes what is to be
 * written, so that the disk keeps up with the requests that change something. Where it does not, all that is on it goes.
 */
import type { DiskFiles } from './disk-files.ts';
import { urlHash } from './file-name.ts';

/** That wait for one job. */
const MAX_PURGES = 50_000;

type Counts = ReadonlyMap<string, number>;

export interface DiskPurgesParts {
  readonly files: DiskFiles;
  /** Has a job done before what is to be written, and hides what is meant until then; undefined: it could not be done. */
  readonly away: <Result>(
    isMeant: (url: string) => boolean,
    job: () => Promise<Result>,
  ) => Promise<Result | undefined>;
}

/** A job that has not begun, of what has these hashes. */
interface Waiting {
  readonly hashes: Set<string>;
  readonly done: Promise<Counts | undefined>;
  /** How many wait for it. */
  count: number;
}

export class DiskPurges {
  readonly #parts: DiskPurgesParts;
  #waiting: Waiting | undefined = undefined;
  /** A job of all there is that has not begun. */
  #all: Promise<number | undefined> | undefined = undefined;

  constructor(parts: DiskPurgesParts) {
    this.#parts = parts;
  }

  /**
   * Nothing of the URL may wait to be written, so that it is no matter how early among the jobs its removal is.
   * @returns how many files that were; undefined: not all could be removed, or so many wait that nobody is told
   */
  async add(url: string): Promise<number | undefined> {
    const hash = urlHash(url);
    this.#waiting ??= this.#begin();
    const waiting = this.#waiting;
    if (waiting.count >= MAX_PURGES) {
      if (!waiting.hashes.has(hash)) void this.addAll();
      return undefined;
    }
    waiting.count += 1;
    waiting.hashes.add(hash);
    const counts = await waiting.done;
    return counts && (counts.get(hash) ?? 0);
  }

  /** As {@link add}, of all URLs. */
  addAll(): Promise<number | undefined> {
    if (this.#all !== undefined) return this.#all;
    const { files, away } = this.#parts;
    const done = away(
      () => true,
      () => {
        this.#all = undefined;
        return files.removeAll('');
      },
    );
    const all = done.finally(() => {
      if (this.#all === all) this.#all = undefined;
    });
    this.#all = all;
    return all;
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
    return { hashes, done: done.finally(end), count: 0 };
  }
}
