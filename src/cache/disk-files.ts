/**
 * The files of one URL on disk, as this process and others have written them: which there are, and how they are taken away. An answer
 * is there up to once for each process of a host, by its seat; the newest counts.
 */
import { type DiskFolder, isMissing, SHARDS, shardsOf } from './disk-folder.ts';
import type { DiskIndex } from './disk-index.ts';
import type { Entry } from './entry.ts';
import {
  type FileName,
  hasWholeOrigin,
  isForSame,
  originOf,
  parseFileName,
  partHash,
  urlHash,
  whoseIs,
} from './file-name.ts';
import { DamagedFile } from './kept-file.ts';
import { readKept } from './read-kept.ts';

export interface DiskFilesParts {
  readonly folder: DiskFolder;
  readonly index: DiskIndex;
  /** Whether this process alone writes to the folder. */
  readonly isAlone: boolean;
}

const NOTHING = (): undefined => {};

export class DiskFiles {
  readonly folder: DiskFolder;
  readonly index: DiskIndex;
  readonly #isAlone: boolean;
  /** All that was there at the start is in the index. */
  isScanned = false;
  /** Some of what was there at the start cannot be counted, as it turned out. */
  isUncounted = false;

  constructor({ folder, index, isAlone }: DiskFilesParts) {
    this.folder = folder;
    this.index = index;
    this.#isAlone = isAlone;
  }

  /** Whether the index knows all that there is. */
  get isIndexWhole(): boolean {
    return this.#isAlone && this.isScanned;
  }

  /** Of the names of the files of a URL, what follows its hash. */
  async restsOf(url: string): Promise<readonly string[]> {
    return this.isIndexWhole ? this.index.of(url).map(({ rest }) => rest) : await this.folder.restsOf(url);
  }

  /** What a file holds, without its body; undefined where that cannot be told. */
  async headIn(name: FileName): Promise<Entry | undefined> {
    try {
      return await readKept({
        path: this.folder.pathOf(name),
        calls: this.folder.calls,
        mayHold: () => false,
        takePlace: NOTHING,
        onFault: NOTHING,
      });
    } catch (error) {
      if (isMissing(error) || error instanceof DamagedFile) return undefined;
      throw error;
    }
  }

  /** What the files of a URL hold, without bodies. */
  async headsOf(url: string): Promise<readonly Entry[]> {
    const hash = urlHash(url);
    const heads: Entry[] = [];
    for (const rest of await this.restsOf(hash)) {
      const head = await this.headIn({ url: hash, rest });
      if (head?.url === url) heads.push(head);
    }
    return heads;
  }

  /** What cannot be removed goes on to count. @returns whether there was one */
  async remove({ url, rest }: FileName): Promise<boolean> {
    const was = await this.folder.remove({ url, rest });
    this.index.drop(url, rest);
    return was;
  }

  /** Removes what was unused for longest, until there is room for `bytes` more. */
  async makeRoom(bytes: number): Promise<void> {
    for (const name of this.index.leaving(bytes))
      try {
        await this.remove(name);
      } catch (error) {
        // As if it were in use: others are tried first the next time.
        this.index.touch(name.url);
        throw error;
      }
  }

  /** Removes the files for the same requests as `name` that hold an answer as old as `answerMs`, or older. */
  async removeUpTo(name: FileName, answerMs: number, spared?: string): Promise<void> {
    for (const rest of await this.restsOf(name.url)) {
      if (rest === spared || !isForSame(rest, name.rest)) continue;
      const file = { url: name.url, rest };
      const head = await this.headIn(file);
      if (head === undefined || head.answerMs <= answerMs) await this.remove(file);
    }
  }

  /** Removes all of these URLs, by their hashes. @returns how many files that were, of those of which there were any */
  async removeOf(urls: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const name of await this.#namesOf(urls))
      if (await this.remove(name)) counts.set(name.url, (counts.get(name.url) ?? 0) + 1);
    return counts;
  }

  /** Removes all whose URL begins so. @returns how many files that were */
  async removeAll(prefix: string): Promise<number> {
    const origin = hasWholeOrigin(prefix) ? partHash(originOf(prefix)) : undefined;
    let count = 0;
    for (const shard of SHARDS)
      for (const name of await this.#namesIn(shard, origin))
        if ((await this.#beginsSo(name, prefix)) && (await this.remove(name))) count += 1;
    return count;
  }

  async #beginsSo(name: FileName, prefix: string): Promise<boolean> {
    // So do all, and those that cannot be read.
    if (prefix === '') return true;
    return (await this.headIn(name))?.url.startsWith(prefix) === true;
  }

  /** Of the files of these URLs. Lists each folder once. */
  async #namesOf(urls: ReadonlySet<string>): Promise<readonly FileName[]> {
    if (this.isIndexWhole)
      return [...urls].flatMap((url) => this.index.of(url).map(({ rest }) => ({ url, rest })));
    const names: FileName[] = [];
    for (const shard of shardsOf(urls))
      for (const text of await this.folder.list(shard)) {
        const end = text.indexOf('.');
        const url = text.slice(0, end);
        if (urls.has(url)) names.push({ url, rest: text.slice(end + 1) });
      }
    return names;
  }

  /** Of answers of this origin, by its hash, or of any. */
  async #namesIn(shard: string, origin: string | undefined): Promise<readonly FileName[]> {
    const names = (await this.folder.list(shard)).flatMap((text) => parseFileName(text) ?? []);
    return origin === undefined ? names : names.filter(({ rest }) => whoseIs(rest).origin === origin);
  }
}
