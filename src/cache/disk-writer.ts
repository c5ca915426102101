/**
 * What becomes of the disk when answers are kept or taken away: one job after the other, within so many bytes that wait. What finds
 * no room is not written, and what it would have replaced is taken away. From the moment that something is to go it is not found, and
 * what waits to be written of it is given up.
 */
import { DiskDrafts, type Drafting, pendingSizeOf } from './disk-drafts.ts';
import type { DiskFiles } from './disk-files.ts';
import { DiskHealth } from './disk-health.ts';
import { DiskJobs } from './disk-jobs.ts';
import { DiskPurges } from './disk-purges.ts';
import { DiskTrial } from './disk-trial.ts';
import type { Entry } from './entry.ts';
import { type FileName, fileNameOf } from './file-name.ts';
import { DamagedFile } from './kept-file.ts';
import { isSameKey } from './memory-store.ts';

export type DiskFault = 'write' | 'read' | 'damaged' | 'remove' | 'slow';

export interface DiskWriterParts {
  readonly files: DiskFiles;
  readonly seat: number;
  /** What may wait to be written: `pending` of its share of the disk (disk-folder.ts). */
  readonly maxPendingBytes: number;
  /** Told of what failed. */
  readonly onFault: (fault: DiskFault, error: unknown) => void;
  /** Told of URLs whose answers are not what they were. */
  readonly onChange: (isMeant: (url: string) => boolean) => void;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

export class DiskWriter {
  readonly health: DiskHealth;
  readonly trial: DiskTrial;
  readonly #parts: DiskWriterParts;
  readonly #jobs: DiskJobs;
  readonly #drafts: DiskDrafts;
  readonly #purges: DiskPurges;
  /** By URL, newest first: what is to be written, or is being. */
  readonly #pending = new Map<string, readonly Entry[]>();
  /** What is about to go. */
  readonly #leaving = new Set<(url: string) => boolean>();
  #pendingBytes = 0;
  /** Another process has this one's place, and counts what it wrote. */
  #isStopped = false;
  /** Answers for which there was no room or no time. */
  drops = 0;

  constructor(parts: DiskWriterParts) {
    this.health = new DiskHealth(parts.now);
    this.#parts = parts;
    this.#jobs = new DiskJobs(parts.now);
    this.#drafts = new DiskDrafts(parts.files);
    this.#purges = new DiskPurges({
      files: parts.files,
      away: (isMeant, job) => this.#away(isMeant, job, true),
    });
    this.trial = new DiskTrial({
      files: parts.files,
      jobs: this.#jobs,
      health: this.health,
      maxBytes: parts.maxPendingBytes,
      onFault: (error) => parts.onFault('write', error),
    });
  }

  /** Whether the disk does not do what it was told to. */
  get isHanging(): boolean {
    return this.#jobs.isHanging;
  }

  /** What of a URL is not on disk yet. */
  pendingFor(url: string): readonly Entry[] {
    return this.#pending.get(url) ?? [];
  }

  /** Whether nothing on disk is to be used for a URL. */
  hides(url: string): boolean {
    if (this.health.offBy !== undefined) return true;
    for (const isMeant of this.#leaving) if (isMeant(url)) return true;
    return false;
  }

  put(entry: Entry): void {
    const name = fileNameOf(entry, this.#parts.seat);
    if (name === undefined || this.health.offBy !== undefined) return;
    if (!this.#hasRoomFor(entry)) {
      this.drops += 1;
      this.#removeOlder(entry);
      return;
    }
    this.#parts.onChange((url) => url === entry.url);
    const others = this.pendingFor(entry.url).filter((each) => !isSameKey(each, entry));
    this.#pending.set(entry.url, [entry, ...others]);
    this.#pendingBytes += pendingSizeOf(entry);
    // A larger one has to wait until there is room for it.
    const begun = pendingSizeOf(entry) > this.#parts.maxPendingBytes ? undefined : this.#begin(entry);
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
    if (!isAround) return;
    // All of the URL goes with others, which is done for many at once.
    if (this.#jobs.isCrowded) await this.purge(entry.url);
    else await this.#away(isMeant, () => files.removeUpTo(name, entry.answerMs));
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
    if (prefix === '') return await this.#purges.addAll();
    return await this.#away(isMeant, () => this.#parts.files.removeAll(prefix), true);
  }

  /** Removes a file that is not what was written, now or when that is found again. */
  async removeFile(name: FileName): Promise<void> {
    if (!this.#jobs.isCrowded) await this.#away(undefined, () => this.#parts.files.remove(name));
  }

  /** Removes what is too much, and what there is no room for. @returns whether that could be done */
  makeRoom(surplus: readonly FileName[]): Promise<boolean> {
    return this.#jobs.add(async () => {
      try {
        await this.#unlink(surplus);
        await this.#parts.files.makeRoom(0);
        return true;
      } catch (error) {
        this.trial.noteFailed(error, 0);
        return false;
      }
    });
  }

  /** Writes nothing from now on. */
  stop(): void {
    this.#isStopped = true;
    this.trial.stop();
  }

  /** Resolves when nothing waits to be done. */
  settled(): Promise<void> {
    return this.#jobs.settled();
  }

  /** What is not written takes the place of what there is. All of the URL goes with others that write too: that is done for many at once. */
  #removeOlder(entry: Entry): void {
    if (this.#parts.files.isIndexWhole) void this.remove(entry);
    else void this.purge(entry.url);
  }

  #hasRoomFor(entry: Entry): boolean {
    const { files } = this.#parts;
    const isResting = this.#isStopped || this.#jobs.isCrowded || this.health.isResting || files.isUncounted;
    const isFull =
      this.#pendingBytes > 0 && this.#pendingBytes + pendingSizeOf(entry) > this.#parts.maxPendingBytes;
    return !isResting && !isFull && entry.body.length <= files.index.maxBytes;
  }

  #begin(entry: Entry): Drafting {
    return this.#drafts.begin(entry, () => this.#isPending(entry));
  }

  async #write(name: FileName, entry: Entry, begun: Drafting | undefined): Promise<void> {
    try {
      await this.#commit(name, entry, begun);
    } catch (error) {
      if (!(error instanceof DamagedFile)) this.trial.noteFailed(error, entry.body.length);
      // What is there is older.
      void this.remove(entry);
    } finally {
      this.#pendingBytes -= pendingSizeOf(entry);
      this.#forget(entry.url, (each) => each === entry);
    }
  }

  async #commit(name: FileName, entry: Entry, begun: Drafting | undefined): Promise<void> {
    const { files } = this.#parts;
    if (begun === undefined) await this.#drafts.makeRoomFor(entry);
    const draft = await (begun ?? this.#begin(entry));
    if (!this.#isPending(entry)) {
      await this.#drafts.discard(draft);
    } else if (draft === undefined || draft.bytes > files.index.maxBytes) {
      await this.#drafts.discard(draft);
      this.drops += 1;
      void this.remove(entry);
    } else {
      const surplus = await this.#drafts.finish(draft, name);
      this.health.noteWritten();
      await this.#unlink(surplus);
      await files.removeUpTo(name, entry.answerMs, name.rest);
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
    isUrgent = false,
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
    }, isUrgent);
  }

  #turnOff(error: unknown): undefined {
    this.health.turnOff(error as Error);
    this.#parts.onFault('remove', error);
  }

  #forget(url: string, isMeant: (entry: Entry) => boolean): void {
    const others = this.pendingFor(url).filter((each) => !isMeant(each));
    if (others.length === 0) this.#pending.delete(url);
    else this.#pending.set(url, others);
  }
}
