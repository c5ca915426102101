/**
 * Keeps a trail to one writer: two that wrote one file would break the chain. A lock of the kernel's on a file beside it, which goes with
 * the process however that ends, so that none is ever left over. Node has no call for that; SQLite, which it has, takes one (a POSIX lock)
 * for every transaction. Nothing is ever written to the file.
 */
import fs from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '#record/log-file.ts';

/** For who holds it to end: it may be about to, as in a restart. */
const PATIENCE_MS = 1_000;
const RETRY_MS = 20;
/** SQLite's number for a lock that another has. */
const SQLITE_BUSY = 5;

export interface TrailLock {
  release(): void;
}

/**
 * Takes the lock of the trail at `path`; waits a moment for another who has it.
 * @throws {Error} where that one keeps it, or none can be taken
 */
export async function lockTrail(path: string, patienceMs = PATIENCE_MS): Promise<TrailLock> {
  const file = lockFileOf(path);
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const lock = attempt(path, file);
    if (lock !== undefined) return lock;
    if (performance.now() >= untilMs) {
      throw new Error(
        `Cannot open audit trail "${path}": another Weir is writing it, and two would break its chain; end that one, or give each a file of its own`,
      );
    }
    await sleep(RETRY_MS);
  }
}

/** Hidden, so that no pattern that means the trail's files means it as well. */
function lockFileOf(path: string): string {
  const real = realPathOf(path);
  return join(dirname(real), `.${basename(real)}.lock`);
}

/** Two names of one file have one lock, of one that is yet to be made too. */
function realPathOf(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch (error) {
    const isToBeMade = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isToBeMade && fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
      ? realPathOf(resolve(dirname(path), fs.readlinkSync(path)))
      : path;
  }
}

/** Undefined where another has it. */
function attempt(path: string, file: string): TrailLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    makeFile(file);
    database = new DatabaseSync(file, { timeout: 0 });
    // The journal in memory: else there would be a file of it, and a disk that is full could not be locked.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    const held = database;
    return { release: () => held.close() };
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw new Error(
      `Cannot lock audit trail "${path}": ${(error as Error).message} ("${file}"); Weir has to be able to make and write that file`,
      { cause: error },
    );
  }
}

/** For its owner alone. One that is there is not opened: closing it would let go of the lock of this process. */
function makeFile(file: string): void {
  makeFolder(dirname(file));
  try {
    fs.closeSync(fs.openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
