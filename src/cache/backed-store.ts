/** Kept answers in memory with a disk behind them, on which all of them are as well. What is on disk alone is asked for by `seek`. */
import type { RawHeaders } from '#net/headers.ts';
import { BodyPlaces } from './body-places.ts';
import { DiskStore, type DiskStoreParts } from './disk-store.ts';
import { type Entry, isHeld } from './entry.ts';
import { type Found, isSameKey, MemoryStore } from './memory-store.ts';
import type { Purged } from './purge-target.ts';

export type DiskParts = Omit<DiskStoreParts, 'takePlace' | 'reserve' | 'release' | 'keep'>;

export class BackedStore extends MemoryStore {
  readonly disk: DiskStore;
  readonly #places: BodyPlaces;

  constructor(maxBytes: number, parts: DiskParts) {
    super(maxBytes);
    const memory = {
      reserve: (bytes: number) => this.reserve(bytes),
      release: (bytes: number) => this.release(bytes),
    };
    this.#places = new BodyPlaces({ ...memory, maxBytes });
    this.disk = new DiskStore({
      ...parts,
      ...memory,
      takePlace: (bytes, client) => this.#places.take(bytes, client),
      keep: (entry) => this.#takeBack(entry),
    });
  }

  /** How often a client was given nothing from disk, since as many were as may be. */
  get refusals(): number {
    return this.#places.refusals;
  }

  /** The newest answer on disk to such a request, for which there is none in memory. Never rejects. */
  seek(url: string, partition: string, headers: RawHeaders): Promise<Found> {
    return this.disk.find(url, partition, headers);
  }

  override put(entry: Entry): void {
    this.#hold(entry);
    this.disk.put(entry);
  }

  override remove(entry: Entry): void {
    super.remove(entry);
    void this.disk.remove(entry);
  }

  /** On disk it stays as it was where it has to be asked about again anyway. */
  override renew(kept: Entry, entry: Entry): void {
    super.remove(kept);
    this.#hold(entry);
    if (!(mustBeAsked(kept) && mustBeAsked(entry))) this.disk.put(entry);
  }

  /** What is in memory counts; the disk follows. */
  override purge(url: string): number {
    void this.disk.purge(url);
    return super.purge(url);
  }

  /** What is in memory counts; the disk follows. */
  override purgeAll(prefix: string): number {
    void this.disk.purgeAll(prefix);
    return super.purgeAll(prefix);
  }

  /** Everything under a URL, newest first: what is in memory, and behind it what is on disk alone. */
  async everything(url: string): Promise<readonly Entry[]> {
    const held = this.all(url);
    const stored = await this.disk.all(url);
    return [...held, ...stored.filter((entry) => !held.some((kept) => isSameKey(kept, entry)))];
  }

  /** Takes out all of a URL, or all whose URL begins so. @returns how many answers that were, most of which are in both */
  async takeOut(url: string, isPrefix: boolean): Promise<Purged> {
    const held = isPrefix ? super.purgeAll(url) : super.purge(url);
    const stored = await (isPrefix ? this.disk.purgeAll(url) : this.disk.purge(url));
    return stored === undefined
      ? { purged: held, fault: this.disk.offBy?.message }
      : { purged: Math.max(held, stored) };
  }

  /** What was read from disk, unless there is something newer. */
  #takeBack(entry: Entry): void {
    const isOld = this.all(entry.url).some(
      (kept) => isSameKey(kept, entry) && kept.answerMs >= entry.answerMs,
    );
    if (!isOld) super.put(entry);
  }

  #hold(entry: Entry): void {
    if (isHeld(entry)) super.put(entry);
  }
}

function mustBeAsked({ directives, freshness }: Entry): boolean {
  return directives.has('no-cache') || freshness.lifetimeMs === 0;
}
