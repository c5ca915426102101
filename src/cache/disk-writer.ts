/**
 * What becomes of the disk when answers are kept or taken away: one job after the other, within so many bytes that wait. What finds
 * no room is not written, and what it would have replaced is taken away. From the moment that something is to go it is not found.
 */
import type { DiskFiles } from './disk-files.ts';
import { takenBy } from './disk-folder.ts';
import { DiskJobs } from './disk-jobs.ts';
import { DiskPurges } from './disk-purges.ts';
import { type Entry, wholeSizeOf } from './entry.ts';
import { type FileName, fileNameOf } from './file-name.ts';
import { piecesOf } from './file-pieces.ts';
import { checksumsOf, DamagedFile, headFor } from './kept-file.ts';
import { isSameKey } from './memory-store.ts';
import { Turns } from './turns.ts';

/** Of answers that wait to be written, and files that have no name yet; a single larger one may wait alone. */
export const MAX_PENDING_BYTES = 16 * 1024 * 1024;
/** After a fault nothing is written for so long. */
const PAUSE_MS = 10_000;
/** That are filled at the same time, since each call takes its turn. */
const FILES_AT_ONCE = 4;
/** What a head takes at most, nearly always. */
const HEAD_BYTES = 64 * 1024;

export type DiskFault = 'write' | 'read' | 'damaged' | 'remove' | 'slow';

export interface DiskWriterParts {
  readonly files: DiskFiles;
  readonly seat: number;
  /** {@link MAX_PENDING_BYTES}, or less where the disk is small. */
  readonly maxPendingBytes: number;
  /** Told of what failed. */
  readonly onFault: (fault: DiskFault, error: unknown) => void;
  /** Told of URLs whose answers are not what they were. */
  readonly onChange: (isMeant: (url: string) => boolean) => void;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

/** A file that has no name yet. */
interface Unfinished {
  readonly path: string;
  /** That it takes. */
  readonly bytes: number;
}

/** Undefined where it is not to be written after all. */
type Begun = Promise<Unfinished | undefined>;

export class DiskWriter {
  readonly #parts: DiskWriterParts;
  readonly #jobs = new DiskJobs();
  readonly #turns = new Turns({ atOnce: FILES_AT_ONCE, waiting: Number.POSITIVE_INFINITY });
  readonly #purges: DiskPurges;
  /** By URL, newest first: what is to be written, or is being. */
  readonly #pending = new Map<string, readonly Entry[]>();
  /** What is about to go. */
  readonly #leaving = new Set<(url: string) => boolean>();
  #pendingBytes = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #offBy: Error | undefined = undefined;
  /** Another process has this one's place, and counts what it wrote. */
  #isStopped = false;
  /** Answers for which there was no room or no time. */
  drops = 0;

  constructor(parts: DiskWriterParts) {
    this.#parts = parts;
    this.#purges = new DiskPurges({
      files: parts.files,
      away: (isMeant, job) => this.#away(isMeant, job),
      onFull: () => this.#turnOff(new Error('Too much waits for it')),
    });
  }

  /** Something that had to go may still be there, and why: nothing is read or written any more. */
  get offBy(): Error | undefined {
    return this.#offBy;
  }

  /** What of a URL is not on disk yet. */
  pendingFor(url: string): readonly Entry[] {
    return this.#pending.get(url) ?? [];
  }

  /** Whether nothing on disk is to be used for a URL. */
  hides(url: string): boolean {
    if (this.#offBy !== undefined) return true;
    for (const isMeant of this.#leaving) if (isMeant(url)) return true;
    return false;
  }

  put(entry: Entry): void {
    const name = fileNameOf(entry, this.#parts.seat);
    if (name === undefined || this.#offBy !== undefined) return;
    if (!this.#hasRoomFor(entry)) {
      this.drops += 1;
      this.#removeOlder(entry);
      return;
    }
    this.#parts.onChange((url) => url === entry.url);
    const others = this.pendingFor(entry.url).filter((each) => !isSameKey(each, entry));
    this.#pending.set(entry.url, [entry, ...others]);
    this.#pendingBytes += wholeSizeOf(entry);
    // A larger one has to wait until there is room for it.
    const begun = entry.body.length > this.#parts.maxPendingBytes ? undefined : this.#begin(entry);
    begun?.catch(() => {});
    void this.#jobs.add(() => this.#write(name, entry, begun));
  }

  /** Takes one answer away, and older ones to the same requests. */
  async remove(entry: Entry): Promise<void> {
    const { files, seat } = this.#parts;
    const name = fileNameOf(entry, seat);
    if (name === undefined) return;
    const isAround = this.#pending.has(entry.url) || !files.isIndexWhole || files.index.has(name.url);
    const isMeant = (url: string): boolean => url === entry.url;
    this.#forget(entry.url, (each) => isSameKey(each, entry) && each.answerMs <= entry.answerMs);
    this.#parts.onChange(isMeant);
    if (isAround) await this.#away(isMeant, () => files.removeUpTo(name, entry.answerMs));
  }

  /** Takes away all of a URL. @returns how many files that were; undefined: not all could be removed */
  async purge(url: string): Promise<number | undefined> {
    this.#pending.delete(url);
    this.#parts.onChange((each) => each === url);
    return await this.#purges.add(url);
  }

  /** As {@link purge}, of all whose URL begins so. */
  async purgeAll(prefix: string): Promise<number | undefined> {
    const isMeant = (url: string): boolean => url.startsWith(prefix);
    for (const url of this.#pending.keys()) if (isMeant(url)) this.#pending.delete(url);
    this.#parts.onChange(isMeant);
    return await this.#away(isMeant, () => this.#parts.files.removeAll(prefix));
  }

  /** Removes files that have made way. */
  async removeFiles(names: readonly FileName[]): Promise<void> {
    if (names.length > 0) await this.#away(undefined, () => this.#unlink(names));
  }

  /** Writes nothing from now on. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when nothing waits to be done. */
  settled(): Promise<void> {
    return this.#jobs.settled();
  }

  /** What is not written takes the place of what there is. All of the URL goes with others that write too, or amid many jobs: that is done for many at once. */
  #removeOlder(entry: Entry): void {
    if (this.#parts.files.isIndexWhole && !this.#jobs.isCrowded) void this.remove(entry);
    else void this.purge(entry.url);
  }

  #hasRoomFor(entry: Entry): boolean {
    const isResting = this.#isStopped || this.#jobs.isCrowded || this.#parts.now() < this.#pausedUntil;
    const isFull =
      this.#pendingBytes > 0 && this.#pendingBytes + wholeSizeOf(entry) > this.#parts.maxPendingBytes;
    return !isResting && !isFull && entry.body.length <= this.#parts.files.index.maxBytes;
  }

  #begin(entry: Entry): Begun {
    return this.#turns.take(async () => {
      if (!this.#isPending(entry)) return undefined;
      const { body } = entry;
      const head = headFor(entry, Buffer.isBuffer(body) ? await checksumsOf(body) : body.checksums);
      if (head === undefined) return undefined;
      const path = await this.#parts.files.folder.begin(piecesOf(head, body));
      return { path, bytes: takenBy(head.length + body.length) };
    });
  }

  async #write(name: FileName, entry: Entry, begun: Begun | undefined): Promise<void> {
    try {
      await this.#commit(name, entry, begun);
    } catch (error) {
      if (!(error instanceof DamagedFile)) {
        this.#pausedUntil = this.#parts.now() + PAUSE_MS;
        this.#parts.onFault('write', error);
      }
      // What is there is older.
      void this.remove(entry);
    } finally {
      this.#pendingBytes -= wholeSizeOf(entry);
      this.#forget(entry.url, (each) => each === entry);
    }
  }

  async #commit(name: FileName, entry: Entry, begun: Begun | undefined): Promise<void> {
    const { folder, index } = this.#parts.files;
    if (begun === undefined) await this.#unlink(index.makeRoom(takenBy(entry.body.length + HEAD_BYTES)));
    const file = await (begun ?? this.#begin(entry));
    if (!this.#isPending(entry)) {
      if (file !== undefined) await folder.discard(file.path);
    } else if (file === undefined || file.bytes > index.maxBytes) {
      if (file !== undefined) await folder.discard(file.path);
      this.drops += 1;
      void this.remove(entry);
    } else {
      await this.#unlink(index.makeRoom(file.bytes));
      await folder.finish(file.path, name);
      await this.#unlink(index.add({ ...name, bytes: file.bytes }));
      await this.#parts.files.removeUpTo(name, entry.answerMs, name.rest);
    }
  }

  #isPending(entry: Entry): boolean {
    return this.pendingFor(entry.url).includes(entry);
  }

  async #unlink(names: readonly FileName[]): Promise<void> {
    for (const name of names) await this.#parts.files.remove(name);
  }

  /** Has `job` take something away. Where that cannot be, what is on disk is not to be trusted any more. */
  async #away<Result>(
    isMeant: ((url: string) => boolean) | undefined,
    job: () => Promise<Result>,
  ): Promise<Result | undefined> {
    if (this.#jobs.isStuck) {
      this.#turnOff(new Error('Too much waits for it'));
      return undefined;
    }
    if (isMeant !== undefined) this.#leaving.add(isMeant);
    return await this.#jobs.add(async () => {
      const result = await job().catch((error: unknown) => this.#turnOff(error));
      if (isMeant !== undefined) this.#leaving.delete(isMeant);
      return result;
    });
  }

  #turnOff(error: unknown): undefined {
    this.#offBy = error as Error;
    this.#parts.files.hasLeftovers = true;
    this.#parts.onFault('remove', error);
  }

  #forget(url: string, isMeant: (entry: Entry) => boolean): void {
    const others = this.pendingFor(url).filter((each) => !isMeant(each));
    if (others.length === 0) this.#pending.delete(url);
    else this.#pending.set(url, others);
  }
}
