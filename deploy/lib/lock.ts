/** That one run at a time has a file: a lock beside it, which says who has it. What a run has left that is no more is taken over by one. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { attempt } from './attempt.ts';
import { Fault } from './fault.ts';

interface Holder {
  readonly pid: number;
  readonly host: string;
}

const lockOf = (file: string): string => `${file}.lock`;

/** @throws {Fault} where another run has it, or the lock cannot be written */
export function takeLock(file: string): void {
  const lock = lockOf(file);
  if (isNew(lock)) return;
  refuseHeld(file);
  takeOver(file);
}

export function releaseLock(file: string): void {
  rmSync(lockOf(file), { force: true });
}

/**
 * Who has the claim looks again: another may have taken it over since. Without it nobody removes a lock that is not his own, so that it is
 * still the dead one's that goes.
 */
function takeOver(file: string): void {
  const lock = lockOf(file);
  const claim = `${lock}.claim`;
  if (!isNew(claim))
    throw new Fault(
      `Another run takes over ${file} just now`,
      `start this again; where there is none: rm ${claim} ${lock}`,
    );
  try {
    refuseHeld(file);
    rmSync(lock, { force: true });
    // One that has just begun, and saw no lock, may have been faster.
    if (!isNew(lock)) throw held(file, holderOf(lock));
  } finally {
    rmSync(claim, { force: true });
  }
}

/** @throws {Fault} where a run that is alive has it */
function refuseHeld(file: string): void {
  const holder = holderOf(lockOf(file));
  if (holder !== undefined && isAlive(holder)) throw held(file, holder);
}

function held(file: string, holder: Holder | undefined): Fault {
  const who =
    holder === undefined || holder.host === ''
      ? 'one that has just begun'
      : `process ${holder.pid} on ${holder.host}`;
  return new Fault(
    `Another run has ${file}: ${who}`,
    `wait until it has ended; where there is none: rm ${lockOf(file)}`,
  );
}

/** Who has the lock; undefined where nobody has. */
function holderOf(lock: string): Holder | undefined {
  try {
    const [pid, host = ''] = readFileSync(lock, 'utf8').trim().split(' ');
    return { pid: Number(pid), host };
  } catch {
    return undefined;
  }
}

/** On another machine nobody can tell: taken for alive. */
function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Writes who we are into a file that is not there; of several that begin at once one does. @returns whether it was this one */
function isNew(file: string): boolean {
  return attempt('write', file, () => {
    try {
      const fd = openSync(file, 'wx', 0o600);
      writeSync(fd, `${process.pid} ${hostname()}\n`);
      closeSync(fd);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  });
}
