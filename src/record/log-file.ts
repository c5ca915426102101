/** The system calls of a log: a file opened for append, or a standard stream. What is done when one fails is the writer's. */
import fs from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** The calls made while there is traffic; tests pass their own to make them fail. */
export interface FileCalls {
  open(path: string): Promise<number>;
  /** Writes what follows `offset` and returns how much of it was taken. */
  write(fd: number, bytes: Buffer, offset: number): Promise<number>;
  close(fd: number): Promise<void>;
}

/** Descriptors of the paths that name no file. */
export const STANDARD_STREAMS: Readonly<Record<string, number>> = { stdout: 1, stderr: 2 };

const FILE_MODE = 0o640;
const openFile = promisify(fs.open);

/**
 * Opens a file for append at start, when there is no traffic that could wait; makes it, with its folders, where it is missing.
 * @throws {NodeJS.ErrnoException} as the system says
 */
export function openNow(path: string): number {
  makeFolder(dirname(path));
  return fs.openSync(path, 'a', FILE_MODE);
}

/** Makes a folder with those above it. Not by `recursive`: where a folder cannot be made though its parent is there, as in /proc, Node tries for ever. */
export function makeFolder(path: string): void {
  if (fs.existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    fs.mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The calls as the system has them, none of which holds up the main thread. */
export const FILE_CALLS: FileCalls = {
  open: (path) => openFile(path, 'a', FILE_MODE),
  write: (fd, bytes, offset) =>
    new Promise((resolve, reject) => {
      fs.write(fd, bytes, offset, bytes.length - offset, null, (error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    }),
  close: promisify(fs.close),
};
