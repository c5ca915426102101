/**
 * The system calls of the cache on disk, a few at a time: Node has four threads for all files, and one is left for the logs, whatever
 * becomes of this disk.
 */
import { Turns } from './turns.ts';

/** An open file. */
export interface DiskFile {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  write(buffer: Buffer, offset: number, length: number): Promise<{ readonly bytesWritten: number }>;
  close(): Promise<void>;
}

/** As of `node:fs/promises`; tests pass their own to make them fail. */
export interface DiskCalls {
  open(path: string, flags?: string, mode?: number): Promise<DiskFile>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<{ readonly size: number }>;
  unlink(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  mkdir(path: string, options: { readonly recursive: true; readonly mode: number }): Promise<unknown>;
}

const CALLS_AT_ONCE = 3;

/** The same calls, of which others wait for their turn. */
export function fewAtOnce(calls: DiskCalls): DiskCalls {
  const turns = new Turns({ atOnce: CALLS_AT_ONCE, waiting: Number.POSITIVE_INFINITY });
  // There is a turn for all.
  const take = <Result>(call: () => Promise<Result>): Promise<Result> => turns.take(call) as Promise<Result>;
  const limited = (file: DiskFile): DiskFile => ({
    read: (...args) => take(() => file.read(...args)),
    write: (...args) => take(() => file.write(...args)),
    close: () => take(() => file.close()),
  });
  return {
    open: async (...args) => limited(await take(() => calls.open(...args))),
    readdir: (path) => take(() => calls.readdir(path)),
    stat: (path) => take(() => calls.stat(path)),
    unlink: (path) => take(() => calls.unlink(path)),
    rename: (from, to) => take(() => calls.rename(from, to)),
    mkdir: (path, options) => take(() => calls.mkdir(path, options)),
  };
}
