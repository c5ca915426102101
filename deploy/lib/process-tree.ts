/**
 * Ends a program with all that it has started, and what those have. By the table of processes and not as a group: a program in a group of
 * its own has no terminal to ask for a password, and Ctrl-C does not reach it. One whose parent has ended is nobody's child any more: it
 * is told by a mark in its environment, which a program hands on to all that it starts. Only Linux shows that; elsewhere such a one stays.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

type Row = readonly [pid: number, parent: number];

/** Sends a signal. @throws as process.kill does */
type Send = (pid: number, name: NodeJS.Signals) => void;

/** Who is meant. */
export interface Family {
  /** The program itself; undefined once it has ended, as its number may be another's then. */
  readonly root: number | undefined;
  /** The name of a variable that its environment has, and no other. */
  readonly mark: string;
}

/** Who starts others faster than they are stopped is not followed for ever. */
const MAX_ROUNDS = 100;

/** The name of a variable for one program. */
export function newMark(): string {
  return `WEIR_STEP_${randomBytes(16).toString('hex')}`;
}

/**
 * Each is stopped before its children are looked for, so that it starts no other meanwhile. One that is not ours to end (sudo) stays, and
 * all others end.
 */
export function killFamily({ root, mark }: Family, send: Send = process.kill): void {
  const signal = tolerant(send);
  const stopped = new Set<number>();
  const stop = (pid: number): void => {
    stopped.add(pid);
    signal(pid, 'SIGSTOP');
  };
  if (root !== undefined) stop(root);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const found = othersOf(stopped, mark);
    if (found.length === 0) break;
    for (const pid of found) stop(pid);
  }
  for (const pid of stopped) signal(pid, 'SIGKILL');
}

/** Who belongs to these, or has the mark, and is not among them. */
function othersOf(known: ReadonlySet<number>, mark: string): number[] {
  const all = existsSync('/proc/self/stat') ? rowsOfLinux() : rowsOfOthers();
  return all
    .filter(([pid, parent]) => !known.has(pid) && (known.has(parent) || hasMark(pid, mark)))
    .map(([pid]) => pid);
}

function hasMark(pid: number, mark: string): boolean {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return variables.some((variable) => variable.startsWith(`${mark}=`));
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return false;
  }
}

function rowsOfLinux(): readonly Row[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name of the program may have anything in it, and is in brackets.
        const [, parent] = /.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'latin1')) ?? [];
        return [[Number(name), Number(parent)] as const];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

function rowsOfOthers(): readonly Row[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid='], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').map((line) => {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    return [pid, parent];
  });
}

/** One that has ended by itself is no fault, nor is one that belongs to somebody else: the rest must not stay stopped for it. */
function tolerant(send: Send): Send {
  return (pid, name) => {
    try {
      send(pid, name);
    } catch (error) {
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  };
}
