/** That one run at a time has a file: a lock beside it, which says who has it. What a run has left that is no more is taken over by one. */
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { attempt, readIfThere } from './attempt.ts';
import { Fault } from './fault.ts';

interface Holder {
  readonly pid: number;
  readonly host: string;
}

const lockOf = (file: string): string => `${file}.lock`;

/** Whether a process of this machine runs. */
type Runs = (pid: number) => boolean;

/** @throws {Fault} where another run has it, or the lock cannot be written */
export function takeLock(file: string, runs: Runs = isThere): void {
  if (tryCreate(lockOf(file))) return;
  refuseHeld(file, runs);
  takeOver(file, runs);
}

/** One that is another's, as somebody removed ours by hand and a run began, stays. */
export function releaseLock(file: string): void {
  const lock = lockOf(file);
  const holder = holderOf(lock);
  if (holder?.pid === process.pid && holder.host === hostname()) rmSync(lock, { force: true });
}

/**
 * Who has the claim looks again: another may have taken it over since. Without it nobody removes a lock that is not his own, so that it is
 * still the dead one's that goes.
 */
function takeOver(file: string, runs: Runs): void {
  const lock = lockOf(file);
  const claim = `${lock}.claim`;
  if (!tryCreate(claim))
    throw new Fault(
      `Another run takes over ${file} just now`,
      `start this again; where there is none: rm ${claim} ${lock}`,
    );
  try {
    // Where it is gone meanwhile the next that is there is no dead one's.
    if (refuseHeld(file, runs) !== undefined) rmSync(lock, { force: true });
    // One that has just begun, and saw no lock, may have been faster.
    if (!tryCreate(lock)) throw held(file, holderOf(lock));
  } finally {
    rmSync(claim, { force: true });
  }
}

/** @returns who had it, and is no more; undefined: nobody has it @throws {Fault} where a run that is alive has it */
function refuseHeld(file: string, runs: Runs): Holder | undefined {
  const holder = holderOf(lockOf(file));
  if (holder !== undefined && isAlive(holder, runs)) throw held(file, holder);
  return holder;
}

function held(file: string, holder: Holder | undefined): Fault {
  const who =
    holder === undefined || holder.host === ''
      ? 'one that has just begun'
      : `process ${holder.pid} on ${holder.host}`;
  return new Fault(
    `Another run has ${file}: ${who}`,
    `wait until it has ended${ending(holder)}; where there is none: rm ${lockOf(file)}`,
  );
}

/** It ends with what it has started, and goes on there when it is started again. */
function ending(holder: Holder | undefined): string {
  return holder?.host === hostname() ? `, or end it: kill ${holder.pid}` : '';
}

/** Who has the lock; undefined where nobody has. @throws {Fault} where that cannot be read, as another user's */
function holderOf(lock: string): Holder | undefined {
  const text = readIfThere(lock);
  if (text === undefined) return undefined;
  const [pid, host = ''] = text.trim().split(' ');
  return { pid: Number(pid), host };
}

/** On another machine nobody can tell: taken for alive. */
function isAlive({ pid, host }: Holder, runs: Runs): boolean {
  return host !== hostname() || (pid !== process.pid && runs(pid));
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Makes a file that is not there, with who we are in it; of several that begin at once one does. @returns whether it was this one */
function tryCreate(file: string): boolean {
  return attempt('write', file, () => {
    const fd = openNew(file);
    if (fd === undefined) return false;
    try {
      writeFileSync(fd, `${process.pid} ${hostname()}\n`);
    } catch (error) {
      // An empty one is taken for that of a run that has just begun, by all that follow.
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(fd);
    }
    return true;
  });
}

/** Undefined where it is there already. */
function openNew(file: string): number | undefined {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}
