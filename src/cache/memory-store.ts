/**
 * Kept answers in memory, by URL, within so many bytes; those that were used last stay. What is still coming counts as well, so that
 * many answers at a time take no more than there is.
 */
import { LRUCache } from 'lru-cache';
import type { RawHeaders } from '#net/headers.ts';
import { type Entry, type EntryKey, sizeOf } from './entry.ts';
import { selectionOf } from './vary.ts';

/** Answers under one URL; the oldest goes. */
const MAX_VARIANTS = 32;

/** What is kept under one URL, newest first. */
interface Shelf {
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

export interface Found {
  readonly entry: Entry | undefined;
  /** Something is kept for requests of this partition that say something else. */
  readonly hasOthers: boolean;
}

export const NOTHING: Found = Object.freeze({ entry: undefined, hasOthers: false });

/** Of what is kept under one URL, the first that such a request would have got. */
export function firstFor(entries: readonly Entry[], partition: string, headers: RawHeaders): Found {
  let hasOthers = false;
  for (const entry of entries) {
    if (entry.partition !== partition) continue;
    if (entry.names.length === 0 || selectionOf(entry.names, headers) === entry.selection)
      return { entry, hasOthers };
    hasOthers = true;
  }
  return { entry: undefined, hasOthers };
}

export class MemoryStore {
  readonly #maxBytes: number;
  readonly #shelves: LRUCache<string, Shelf>;
  /** Promised to answers that are still coming. */
  #reservedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#shelves = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => bytes });
  }

  /** The newest answer to such a request. */
  find(url: string, partition: string, headers: RawHeaders): Found {
    const shelf = this.#shelves.get(url);
    return shelf === undefined ? NOTHING : firstFor(shelf.entries, partition, headers);
  }

  /** Everything under a URL, newest first. Counts as no use. */
  all(url: string): readonly Entry[] {
    return this.#shelves.peek(url)?.entries ?? [];
  }

  /** Takes the place of what the same requests would have got. */
  put(entry: Entry): void {
    const others = this.all(entry.url).filter((kept) => !isSameKey(kept, entry));
    this.#set(entry.url, [entry, ...others].slice(0, MAX_VARIANTS));
  }

  /** Takes one entry out, unless another has its place. */
  remove(entry: Entry): void {
    const entries = this.all(entry.url);
    if (entries.includes(entry))
      this.#set(
        entry.url,
        entries.filter((kept) => kept !== entry),
      );
  }

  /** What is kept was found to be still good, and is kept as `entry` says now. */
  renew(kept: Entry, entry: Entry): void {
    this.remove(kept);
    this.put(entry);
  }

  /** Takes out all that is under a URL. @returns how many answers that were */
  purge(url: string): number {
    return this.#takeOut(url);
  }

  /** Takes out all whose URL begins so. @returns how many answers that were */
  purgeAll(prefix: string): number {
    const urls = [...this.#shelves.keys()].filter((url) => url.startsWith(prefix));
    return urls.reduce((count, url) => count + this.#takeOut(url), 0);
  }

  /** Room for an answer that is coming; others make way. @returns whether there can be that much */
  reserve(bytes: number): boolean {
    if (this.#reservedBytes + bytes > this.#maxBytes) return false;
    this.#reservedBytes += bytes;
    while (this.#shelves.calculatedSize + this.#reservedBytes > this.#maxBytes) this.#shelves.pop();
    return true;
  }

  release(bytes: number): void {
    this.#reservedBytes -= bytes;
  }

  /** What is kept, and promised. */
  get bytes(): number {
    return this.#shelves.calculatedSize + this.#reservedBytes;
  }

  /** URLs under which something is kept. */
  get size(): number {
    return this.#shelves.size;
  }

  #takeOut(url: string): number {
    const { length } = this.all(url);
    this.#shelves.delete(url);
    return length;
  }

  #set(url: string, entries: readonly Entry[]): void {
    const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    // An answer that does not fit beside what is promised is not kept, and what was there is not good any more.
    if (entries.length === 0 || bytes + this.#reservedBytes > this.#maxBytes) this.#shelves.delete(url);
    else this.#shelves.set(url, { entries, bytes });
    while (this.#shelves.calculatedSize + this.#reservedBytes > this.#maxBytes) this.#shelves.pop();
  }
}

export function isSameKey(a: EntryKey, b: EntryKey): boolean {
  return a.partition === b.partition && a.selection === b.selection && a.names.join() === b.names.join();
}
