/**
 * Tells when the content of files has changed. Directories are watched, not files, so that a replaced file and the
 * symlink swap of a ConfigMap are seen; a slow poll covers what watching cannot (no watches left, a directory that went
 * and came back, network file systems). Only a changed digest counts: a touch is no change, and neither is a file that
 * is gone; of that one the operator is told.
 */
import { type FSWatcher, watch } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { digestOf, readBounded } from './files.ts';

interface WatchOptions {
  /** Quiet time after an event before files are compared; under constant events five times as long. @default 500 */
  readonly debounceMs?: number;
  /** How often files are compared without any event. @default 30000 */
  readonly pollMs?: number;
  /** Digests of what was loaded (`Config.digests`), so that a change between loading and watching is not lost. */
  readonly digests?: Readonly<Record<string, string>>;
  /** Told once of each file that is gone, until it is back. */
  readonly onMissing?: (file: string) => void;
  /** How a directory is watched; tests pass their own. @default fs.watch */
  readonly watch?: typeof watch;
}

interface DirectoryWatch {
  /** Inode and birth: a directory that came back may have the inode of the one that went. */
  readonly identity: string;
  readonly watcher: FSWatcher;
}

/** Calls `onChange` after the content of one of the files has changed. Keeps no process alive, and never throws. */
export function watchFiles(
  files: readonly string[],
  onChange: () => void,
  options: WatchOptions = {},
): { close(): void } {
  return new FileWatch(files, onChange, options);
}

class FileWatch {
  readonly #files: readonly string[];
  readonly #onChange: () => void;
  readonly #debounceMs: number;
  readonly #onMissing: (file: string) => void;
  readonly #watch: typeof watch;
  readonly #poll: NodeJS.Timeout;
  readonly #digests: Map<string, string>;
  readonly #missing = new Set<string>();
  readonly #directories = new Map<string, DirectoryWatch>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #compareBy = 0;
  #isComparing = false;
  #isClosed = false;

  constructor(files: readonly string[], onChange: () => void, options: WatchOptions) {
    const { debounceMs = 500, pollMs = 30_000, digests = {} } = options;
    this.#files = files;
    this.#onChange = onChange;
    this.#onMissing = options.onMissing ?? (() => {});
    this.#debounceMs = debounceMs;
    this.#watch = options.watch ?? watch;
    this.#digests = new Map(Object.entries(digests));
    this.#poll = setInterval(() => void this.#compare(), pollMs).unref();
    void this.#compare();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#timer);
    for (const directory of this.#directories.keys()) this.#forget(directory);
  }

  /** Waits for quiet, but not for ever: the directory may hold a log that is written all the time. */
  #schedule(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    if (this.#timer === undefined) this.#compareBy = now + 5 * this.#debounceMs;
    clearTimeout(this.#timer);
    const delay = Math.max(0, Math.min(this.#debounceMs, this.#compareBy - now));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#compare();
    }, delay).unref();
  }

  async #compare(): Promise<void> {
    if (this.#isComparing) return this.#schedule();
    this.#isComparing = true;
    // Watches come first: what changes while files are read then makes another event.
    await this.#watchDirectories();
    let isChanged = false;
    for (const file of this.#files) {
      if (await this.#isChanged(file)) isChanged = true;
    }
    this.#isComparing = false;
    if (isChanged && !this.#isClosed) this.#notify(this.#onChange);
  }

  async #isChanged(file: string): Promise<boolean> {
    try {
      const digest = digestOf(await readBounded(file));
      this.#missing.delete(file);
      const before = this.#digests.get(file);
      this.#digests.set(file, digest);
      return before !== undefined && before !== digest;
    } catch {
      if (!(this.#missing.has(file) || this.#isClosed)) this.#notify(() => this.#onMissing(file));
      this.#missing.add(file);
      return false;
    }
  }

  /** A callback reports its own errors; one that escapes it must not end a process that serves. */
  #notify(callback: () => void): void {
    try {
      callback();
    } catch {}
  }

  /** Both the directory of the name and, for a symlink, that of the file itself. */
  async #watchDirectories(): Promise<void> {
    const wanted = new Set<string>();
    for (const file of this.#files) {
      wanted.add(dirname(file));
      wanted.add(dirname(await realpath(file).catch(() => file)));
    }
    for (const directory of this.#directories.keys()) {
      if (!wanted.has(directory)) this.#forget(directory);
    }
    for (const directory of wanted) await this.#watchDirectory(directory);
  }

  async #watchDirectory(directory: string): Promise<void> {
    const identity = await identityOf(directory);
    if (this.#directories.get(directory)?.identity === identity) return;
    this.#forget(directory);
    if (identity === undefined || this.#isClosed) return;
    try {
      const watcher = this.#watch(directory, { persistent: false }, () => this.#schedule());
      watcher.on('error', () => this.#forget(directory));
      this.#directories.set(directory, { identity, watcher });
    } catch {
      // No watch to be had (ENOSPC, EMFILE): the poll remains.
    }
  }

  #forget(directory: string): void {
    this.#directories.get(directory)?.watcher.close();
    this.#directories.delete(directory);
  }
}

async function identityOf(directory: string): Promise<string | undefined> {
  try {
    const { ino, birthtimeMs } = await stat(directory);
    return `${ino} ${birthtimeMs}`;
  } catch {
    return undefined;
  }
}
