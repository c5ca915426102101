/** What requests share of the cache: what is kept, and what is being fetched just now. One for each process. */
import type { RawHeaders } from '#net/headers.ts';
import { BackedStore, type DiskParts } from './backed-store.ts';
import type { Changed } from './changes.ts';
import type { Entry } from './entry.ts';
import { invalidatedBy } from './invalidation.ts';
import { MemoryStore } from './memory-store.ts';
import { Notes } from './notes.ts';
import type { CacheOptions } from './options.ts';
import type { Purged, PurgeTarget } from './purge-target.ts';
import { ReadyAnswers } from './ready-answers.ts';

/** An answer on its way, as far as others have to do with it. */
export interface Flight {
  readonly url: string;
  readonly partition: string;
  /** Whether others may wait for it. */
  readonly isForOthers: boolean;
  /** What it brings may be of before a change, and is not kept. */
  spoil(): void;
}

export class CacheDesk {
  readonly store: MemoryStore;
  /** The same, where there is a disk behind it. */
  readonly backed: BackedStore | undefined;
  readonly maxObjectBytes: number;
  readonly ready = new ReadyAnswers();
  readonly notes = new Notes();
  /** Told what is kept no more, for other processes that keep something; undefined: there are none. */
  onChanged: ((urls: readonly string[]) => void) | undefined = undefined;
  /** By URL and partition, those that others may wait for. */
  readonly #joinable = new Map<string, Flight>();
  /** All, to be told of changes. */
  readonly #underWay = new Set<Flight>();

  /** One of `processes`, each of which has its part of the memory; `disk` is behind it. */
  constructor(
    { memory, maxObject }: Pick<CacheOptions, 'memory' | 'maxObject'>,
    processes: number,
    disk?: DiskParts,
  ) {
    const bytes = Math.floor(memory / processes);
    this.backed = disk && new BackedStore(bytes, disk);
    this.store = this.backed ?? new MemoryStore(bytes);
    this.maxObjectBytes = maxObject;
  }

  /** Whether there is anything that a change could spoil. */
  get isUsed(): boolean {
    const isKnown = this.store.size > 0 || this.#underWay.size > 0;
    return this.backed !== undefined || this.onChanged !== undefined || isKnown;
  }

  /** Whether it is being fetched, for whomever. */
  isUnderWay(url: string): boolean {
    return [...this.#underWay].some((flight) => flight.url === url);
  }

  /** One that is under way for the same. */
  flightOf(url: string, partition: string): Flight | undefined {
    return this.#joinable.get(keyOf({ url, partition }));
  }

  begin(flight: Flight): void {
    this.#underWay.add(flight);
    const key = keyOf(flight);
    if (flight.isForOthers && !this.#joinable.has(key)) this.#joinable.set(key, flight);
  }

  /** Nobody is to wait for it any more. */
  close(flight: Flight): void {
    const key = keyOf(flight);
    if (this.#joinable.get(key) === flight) this.#joinable.delete(key);
  }

  end(flight: Flight): void {
    this.close(flight);
    this.#underWay.delete(flight);
  }

  /** Writes nothing more to disk, since another process takes this one's place. */
  leave(): void {
    this.backed?.disk.stop();
  }

  /** Resolves when what is kept is on disk, where there is one. */
  async settle(): Promise<void> {
    await this.backed?.disk.close();
  }

  /** An unsafe request was answered: what it may have changed is kept no more, nor what is on the way; here and elsewhere. */
  invalidate(url: string, answer: { readonly status: number; readonly headers: RawHeaders }): void {
    const changed = [...new Set(invalidatedBy(url, answer))];
    if (changed.length === 0) return;
    this.drop(changed);
    this.onChanged?.(changed);
  }

  /** These have changed, as somebody has heard. */
  drop(changed: Changed): void {
    if (changed === 'anything') {
      this.store.purgeAll('');
      this.#spoil(() => true);
      return;
    }
    for (const url of changed) {
      this.store.purge(url);
      this.notes.put(url, { why: 'changed', status: undefined, atMs: Date.now() });
    }
    this.#spoil((url) => changed.includes(url));
  }

  /** Takes out what is kept, and keeps nothing of what is on the way. */
  async purge(target: PurgeTarget): Promise<Purged> {
    const { kind, urls } = target;
    const isUrl = kind === 'url';
    if (!isUrl) this.notes.purgedHosts.put(target, Date.now());
    this.#spoil((url) => urls.some((each) => (isUrl ? url === each : url.startsWith(each))));
    let all: Purged = { purged: 0 };
    for (const each of urls) {
      if (isUrl) this.notes.put(each, { why: 'purged', status: undefined, atMs: Date.now() });
      // One after the other: what is on a disk may take its time.
      const { purged, fault } = await this.#takeOut(each, !isUrl);
      all = { purged: all.purged + purged, fault: all.fault ?? fault };
    }
    return all;
  }

  /** Everything under a URL, newest first, wherever it is. */
  async all(url: string): Promise<readonly Entry[]> {
    return this.backed === undefined ? this.store.all(url) : await this.backed.everything(url);
  }

  async #takeOut(url: string, isPrefix: boolean): Promise<Purged> {
    if (this.backed !== undefined) return await this.backed.takeOut(url, isPrefix);
    return { purged: isPrefix ? this.store.purgeAll(url) : this.store.purge(url) };
  }

  #spoil(matches: (url: string) => boolean): void {
    for (const flight of this.#underWay) if (matches(flight.url)) flight.spoil();
  }
}

function keyOf({ url, partition }: Pick<Flight, 'url' | 'partition'>): string {
  return `${partition} ${url}`;
}
