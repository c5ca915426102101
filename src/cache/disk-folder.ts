/**
 * The folder of kept answers and the system calls on it: 256 folders by the first digits of a name, and one for what is being
 * written. A file is written under another name and renamed, so that a name never leads to half of one, whenever a process ends. It is
 * not synced: after a power cut it may not be what was written, which its checksums tell, and it is fetched again.
 */
import fs from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { type DiskCalls, type DiskFile, fewAtOnce } from './disk-calls.ts';
import type { FileName } from './file-name.ts';

/** For its owner alone: there are URLs in it, with their queries. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const UNFINISHED = 'unfinished';
const SHARD_DIGITS = 2;
const BLOCK_BYTES = 4096;
/** The most that answers take that wait to be written, and files that have no name yet; a single larger one may wait alone. */
export const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** Names of the folders, each of which may be missing. */
export const SHARDS: readonly string[] = Array.from({ length: 16 ** SHARD_DIGITS }, (_, index) =>
  index.toString(16).padStart(SHARD_DIGITS, '0'),
);

/** Those that hold files of these URLs, by their hashes; each once. */
export function shardsOf(urls: Iterable<string>): ReadonlySet<string> {
  return new Set(Array.from(urls, (url) => url.slice(0, SHARD_DIGITS)));
}

/** What one of so many processes has of `size` bytes for all of them. */
export interface DiskShare {
  /** What files that have their names may take. */
  readonly kept: number;
  /** {@link MAX_PENDING_BYTES}, or less where there is little. */
  readonly pending: number;
}

export function diskShare(size: number, processes: number): DiskShare {
  const folders = Math.max(SHARDS.length * BLOCK_BYTES, Math.ceil(size / 64));
  const share = Math.max(0, Math.floor((size - folders) / processes));
  const pending = Math.min(MAX_PENDING_BYTES, Math.floor(share / 4));
  return { kept: share - pending, pending };
}

/** What a file of this length takes on disk. */
export function takenBy(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

export class DiskFolder {
  readonly calls: DiskCalls;
  readonly #path: string;
  readonly #seat: number;
  #written = 0;
  /** What was begun and has to go. */
  readonly #leaving = new Set<string>();

  constructor(path: string, seat: number, calls: DiskCalls = fs) {
    this.#path = path;
    this.#seat = seat;
    this.calls = fewAtOnce(calls);
  }

  pathOf({ url, rest }: FileName): string {
    return join(this.#path, url.slice(0, SHARD_DIGITS), `${url}.${rest}`);
  }

  /** Names in one of {@link SHARDS}. */
  async list(shard: string): Promise<readonly string[]> {
    try {
      return await this.calls.readdir(join(this.#path, shard));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** Of the files of one URL, what follows it in their names. */
  async restsOf(url: string): Promise<readonly string[]> {
    const prefix = `${url}.`;
    const names = await this.list(url.slice(0, SHARD_DIGITS));
    return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }

  /** What it takes; undefined where it is gone. */
  async sizeOf(name: FileName): Promise<number | undefined> {
    try {
      return takenBy((await this.calls.stat(this.pathOf(name))).size);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Writes a file under a name that leads nobody to it. @returns its path */
  async begin(pieces: AsyncIterable<Buffer>): Promise<string> {
    await this.#clear();
    this.#written += 1;
    const path = join(this.#path, UNFINISHED, `${this.#seat}.${process.pid}.${this.#written}`);
    try {
      await this.#fill(path, pieces);
      return path;
    } catch (error) {
      await this.discard(path);
      throw error;
    }
  }

  /** Gives it its name, and it takes the place of one that has that. */
  async finish(path: string, name: FileName): Promise<void> {
    const shard = name.url.slice(0, SHARD_DIGITS);
    try {
      await this.#making(shard, () => this.calls.rename(path, this.pathOf(name)));
    } catch (error) {
      await this.discard(path);
      throw error;
    }
  }

  /** Removes what was begun; where that cannot be, nothing more is begun until it can. Never rejects. */
  async discard(path: string): Promise<void> {
    this.#leaving.add(path);
    await this.#clear().catch(() => {});
  }

  /** Removes a file, where there is one. */
  async remove(name: FileName): Promise<boolean> {
    return await this.#unlink(this.pathOf(name));
  }

  /** Removes what earlier processes of these seats did not finish, as {@link discard} does. */
  async removeUnfinished(isOurs: (seat: number) => boolean): Promise<void> {
    const own = `${this.#seat}.${process.pid}.`;
    for (const name of await this.list(UNFINISHED))
      if (isOurs(Number.parseInt(name, 10)) && !name.startsWith(own))
        this.#leaving.add(join(this.#path, UNFINISHED, name));
    await this.#clear().catch(() => {});
  }

  /** Nobody counts what has no name: it must not become more and more. */
  async #clear(): Promise<void> {
    for (const path of this.#leaving) {
      await this.#unlink(path);
      this.#leaving.delete(path);
    }
  }

  async #unlink(path: string): Promise<boolean> {
    try {
      await this.calls.unlink(path);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async #fill(path: string, pieces: AsyncIterable<Buffer>): Promise<void> {
    const file = await this.#making(UNFINISHED, () => this.calls.open(path, 'wx', FILE_MODE));
    try {
      for await (const piece of pieces) await writeAll(file, piece);
    } finally {
      await file.close();
    }
  }

  /** Does `work`, and where a folder is missing for it makes that and does it again. */
  async #making<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.calls.mkdir(join(this.#path, folder), { recursive: true, mode: FOLDER_MODE });
      return await work();
    }
  }
}

async function writeAll(file: DiskFile, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}
