/**
 * Finds kept answers on disk for requests: by the index, and where other processes write as well, or not all is known yet, by the names
 * that there are. A few reads at a time; who would have to wait for long is told that there is nothing.
 */
import type { RawHeaders } from '#net/headers.ts';
import type { DiskFiles } from './disk-files.ts';
import { isMissing } from './disk-folder.ts';
import type { DiskFault } from './disk-writer.ts';
import { type Entry, isHeld } from './entry.ts';
import { type FileName, isFor, partHash, urlHash, whoseIs } from './file-name.ts';
import { DamagedFile } from './kept-file.ts';
import { type Found, firstFor, NOTHING } from './memory-store.ts';
import { type Reading, readKept } from './read-kept.ts';
import { Turns } from './turns.ts';

/** What is read whole, to be kept in memory again. */
const MAX_WHOLE_BYTES = 1024 * 1024;
const READS_AT_ONCE = 4;
const MAX_WAITING_READS = 64;

export interface DiskReaderParts extends Pick<Reading, 'takePlace'> {
  readonly files: DiskFiles;
  /** Promises memory for a body that is read. @returns whether there is any */
  readonly reserve: (bytes: number) => boolean;
  readonly release: (bytes: number) => void;
  /** Whether nothing on disk is to be used for a URL. */
  readonly hides: (url: string) => boolean;
  /** Takes what was read whole. */
  readonly keep: (entry: Entry) => void;
  readonly onFault: (fault: DiskFault, error: unknown) => void;
  /** Takes away a file that is not what was written. */
  readonly discard: (name: FileName) => void;
}

/** One that is under way. */
interface Read {
  readonly url: string;
  /** What it brings may be of before a change. */
  isSpoilt: boolean;
}

export class DiskReader {
  readonly #parts: DiskReaderParts;
  readonly #turns = new Turns({ atOnce: READS_AT_ONCE, waiting: MAX_WAITING_READS });
  /** By path, for all who want the same. */
  readonly #reads = new Map<string, { readonly read: Read; readonly done: Promise<Entry | undefined> }>();

  constructor(parts: DiskReaderParts) {
    this.#parts = parts;
  }

  /** What is read of these URLs now is of no use. */
  spoil(isMeant: (url: string) => boolean): void {
    for (const [path, { read }] of this.#reads)
      if (isMeant(read.url)) {
        read.isSpoilt = true;
        this.#reads.delete(path);
      }
  }

  /** The newest answer to such a request. */
  async find(url: string, partition: string, headers: RawHeaders): Promise<Found> {
    const { files } = this.#parts;
    const hash = urlHash(url);
    const known = files.index.of(hash).map(({ rest }) => rest);
    const found = await this.#among(url, matching(known, partition, headers));
    if (found.entries.length > 0 || files.isIndexWhole) return choose(found, partition, headers);
    const others = (await this.#restsOf(hash)).filter((rest) => !known.includes(rest));
    return choose(await this.#among(url, matching(others, partition, headers)), partition, headers);
  }

  async #restsOf(hash: string): Promise<readonly string[]> {
    try {
      return (await this.#turns.take(() => this.#parts.files.restsOf(hash))) ?? [];
    } catch (error) {
      this.#parts.onFault('read', error);
      return [];
    }
  }

  async #among(url: string, { rests, hasOthers }: Matching): Promise<Candidates> {
    const entries: Entry[] = [];
    for (const rest of rests) {
      const entry = await this.#read(url, { url: urlHash(url), rest });
      if (entry?.url === url) entries.push(entry);
    }
    return { entries, hasOthers };
  }

  #read(url: string, name: FileName): Promise<Entry | undefined> {
    const { files, hides } = this.#parts;
    if (hides(url)) return Promise.resolve(undefined);
    const path = files.folder.pathOf(name);
    const other = this.#reads.get(path);
    if (other !== undefined) return other.done;
    const read: Read = { url, isSpoilt: false };
    const done = this.#turns
      .take(() => this.#take(name, read))
      .finally(() => {
        if (this.#reads.get(path)?.read === read) this.#reads.delete(path);
      });
    this.#reads.set(path, { read, done });
    return done;
  }

  async #take(name: FileName, read: Read): Promise<Entry | undefined> {
    const { files, takePlace, reserve, release, keep } = this.#parts;
    let reserved = 0;
    const mayHold = (bytes: number): boolean => {
      const may = bytes <= MAX_WHOLE_BYTES && reserve(bytes);
      if (may) reserved = bytes;
      return may;
    };
    const onFault = (error: unknown): void => this.#fault(name, error);
    const { calls } = files.folder;
    try {
      const entry = await readKept({ path: files.folder.pathOf(name), calls, mayHold, takePlace, onFault });
      release(reserved);
      reserved = 0;
      if (read.isSpoilt) return undefined;
      if (isHeld(entry)) keep(entry);
      return entry;
    } catch (error) {
      release(reserved);
      // Another may have its place.
      if (!read.isSpoilt) onFault(error);
      return undefined;
    }
  }

  #fault(name: FileName, error: unknown): void {
    const { files, onFault, discard } = this.#parts;
    if (isMissing(error)) files.index.drop(name.url, name.rest);
    else if (error instanceof DamagedFile) {
      onFault('damaged', error);
      discard(name);
    } else onFault('read', error);
  }
}

interface Matching {
  /** For such a request, as the names tell. */
  readonly rests: readonly string[];
  /** There are some for requests of this partition that say something else. */
  readonly hasOthers: boolean;
}

interface Candidates {
  readonly entries: Entry[];
  readonly hasOthers: boolean;
}

function matching(all: readonly string[], partition: string, headers: RawHeaders): Matching {
  if (all.length === 0) return { rests: all, hasOthers: false };
  const wanted = partHash(partition);
  const ofPartition = all.filter((rest) => whoseIs(rest).partition === wanted);
  const rests = ofPartition.filter((rest) => isFor(whoseIs(rest), headers));
  return { rests, hasOthers: rests.length < ofPartition.length };
}

function choose({ entries, hasOthers }: Candidates, partition: string, headers: RawHeaders): Found {
  if (entries.length === 0) return hasOthers ? { entry: undefined, hasOthers } : NOTHING;
  const newestFirst = entries.sort((a, b) => b.answerMs - a.answerMs);
  return firstFor(newestFirst, partition, headers);
}
