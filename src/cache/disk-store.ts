/**
 * Kept answers on disk, behind those in memory: what is kept goes there at once, so that it outlives the process, and stays until others
 * need the room. All processes of a host share one folder; each counts, and takes away, what processes of its seat have written.
 */
import type { RawHeaders } from '#net/headers.ts';
import type { DiskCalls } from './disk-calls.ts';
import { DiskFiles } from './disk-files.ts';
import { DiskFolder, diskShare } from './disk-folder.ts';
import { DiskIndex } from './disk-index.ts';
import { DiskReader, type DiskReaderParts } from './disk-reader.ts';
import { scan } from './disk-scan.ts';
import { type DiskFault, DiskWriter } from './disk-writer.ts';
import type { Entry } from './entry.ts';
import { type Found, firstFor, isSameKey, NOTHING } from './memory-store.ts';

/** What a request waits until it is known what is there, and again until a body from there begins; then it is as if nothing were. */
const MAX_WAIT_MS = 1000;
/** What the end of the process waits for it. */
const MAX_CLOSE_MS = 5000;

/** Which of the processes of this host it is, from 0 on. */
export interface Place {
  readonly index: number;
  readonly count: number;
}

export interface DiskStoreParts extends Pick<DiskReaderParts, 'takePlace' | 'reserve' | 'release' | 'keep'> {
  readonly path: string;
  /** Of all processes. */
  readonly size: number;
  readonly place: Place;
  readonly onFault: (fault: DiskFault, error: unknown) => void;
  /** @default those of the system */
  readonly calls?: DiskCalls;
  /** @default {@link MAX_WAIT_MS} */
  readonly maxWaitMs?: number;
  /** Monotonic, in milliseconds. */
  readonly now?: () => number;
}

export class DiskStore {
  /** How often what failed. */
  readonly faults = new Map<DiskFault, number>([
    ['write', 0],
    ['read', 0],
    ['damaged', 0],
    ['remove', 0],
    ['slow', 0],
  ]);
  /** What a request waits for the disk at a time. */
  readonly maxWaitMs: number;
  /** Resolves when all that was there at the start is known, or {@link close} is called before. */
  readonly scanned: Promise<void>;
  readonly #files: DiskFiles;
  readonly #reader: DiskReader;
  readonly #writer: DiskWriter;
  readonly #ending = new AbortController();
  readonly #onFault: DiskStoreParts['onFault'];

  constructor({
    path,
    size,
    place,
    calls,
    onFault,
    maxWaitMs = MAX_WAIT_MS,
    now = () => performance.now(),
    ...memory
  }: DiskStoreParts) {
    const { index: seat, count } = place;
    const { kept, pending } = diskShare(size, count);
    const folder = new DiskFolder(path, seat, calls);
    const files = new DiskFiles({
      folder,
      index: new DiskIndex(kept),
      isAlone: count === 1,
    });
    const told = (fault: DiskFault, error: unknown): void => this.#fault(fault, error);
    this.maxWaitMs = maxWaitMs;
    this.#onFault = onFault;
    this.#files = files;
    this.#writer = new DiskWriter({
      files,
      seat,
      maxPendingBytes: pending,
      onFault: told,
      onChange: (isMeant) => this.#reader.spoil(isMeant),
      now,
    });
    this.#reader = new DiskReader({
      ...memory,
      files,
      hides: (url) => this.#writer.hides(url),
      onFault: told,
      discard: (name) => void this.#writer.removeFile(name),
    });
    this.scanned = scan({
      files,
      isOurs: (other) => other % count === seat,
      makeRoom: (surplus) => this.#writer.makeRoom(surplus),
      onFault: (error) => told('read', error),
      signal: this.#ending.signal,
    });
  }

  /** What the files take that this process counts. */
  get bytes(): number {
    return this.#files.index.bytes;
  }

  /** Answers that this process counts. */
  get size(): number {
    return this.#files.index.size;
  }

  /** Answers that were not written, for want of room or time. */
  get drops(): number {
    return this.#writer.drops;
  }

  /** Why it is not used any more. */
  get offBy(): Error | undefined {
    return this.#writer.health.offBy;
  }

  /** Whether it is used, and does what is asked of it. */
  get isUp(): boolean {
    return this.#writer.health.isWell && !this.#files.isUncounted && !this.#writer.isHanging;
  }

  /** The newest answer to such a request; in time or not at all. Never rejects. */
  async find(url: string, partition: string, headers: RawHeaders): Promise<Found> {
    const pending = firstFor(this.#writer.pendingFor(url), partition, headers);
    if (pending.entry !== undefined) return pending;
    const reading = this.#reader.find(url, partition, headers);
    const late = Promise.withResolvers<Found>();
    const clock = setTimeout(() => {
      this.noteSlow();
      this.#writer.health.noteLate(reading);
      late.resolve(NOTHING);
    }, this.maxWaitMs);
    try {
      return await Promise.race([reading, late.promise]);
    } finally {
      clearTimeout(clock);
    }
  }

  /** Told by who has waited for the disk, and waits no longer. */
  noteSlow(): void {
    this.#fault('slow', new Error('It does not answer in time'));
  }

  /** Everything under a URL, of all processes, newest first; bodies stay on disk. */
  async all(url: string): Promise<readonly Entry[]> {
    const pending = this.#writer.pendingFor(url);
    const entries = this.#writer.hides(url) ? [] : await this.#files.headsOf(url);
    // What was pending may have its file by now.
    const written = entries.filter((entry) => !pending.some((each) => isSameKey(each, entry)));
    return [...pending, ...written].sort((a, b) => b.answerMs - a.answerMs);
  }

  /** Is written soon; takes the place of what the same requests would have got. */
  put(entry: Entry): void {
    this.#writer.put(entry);
  }

  /** Takes away one answer, and older ones to the same requests. Never rejects. */
  remove(entry: Entry): Promise<void> {
    return this.#writer.remove(entry);
  }

  /** Takes away all of a URL, whichever process has written it; not found from now on. @returns how many files that were; undefined: not all could be removed */
  purge(url: string): Promise<number | undefined> {
    return this.#writer.purge(url);
  }

  /** As {@link purge}, of all whose URL begins so. Reads the heads of all files of that origin. */
  purgeAll(prefix: string): Promise<number | undefined> {
    return this.#writer.purgeAll(prefix);
  }

  /** Writes nothing more: another process has this one's place. */
  stop(): void {
    this.#writer.stop();
  }

  /** Resolves when nothing waits to be done on disk. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  /** Resolves when all is written, or does not get there. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#writer.trial.stop();
    const late = Promise.withResolvers<void>();
    const clock = setTimeout(late.resolve, MAX_CLOSE_MS);
    await Promise.race([this.#writer.settled(), late.promise]);
    clearTimeout(clock);
  }

  #fault(fault: DiskFault, error: unknown): void {
    this.faults.set(fault, (this.faults.get(fault) as number) + 1);
    this.#onFault(fault, error);
  }
}
