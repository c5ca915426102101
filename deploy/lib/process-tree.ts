/**
 * Ends a program with all that it has started, and what those have. By the table of processes and not as a group: a program in a group of
 * its own has no terminal to ask for a password, and Ctrl-C does not reach it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

type Row = readonly [pid: number, parent: number];

/** Sends a signal. @throws as process.kill does */
type Send = (pid: number, name: NodeJS.Signals) => void;

/**
 * Each is stopped before its children are looked for, so that it starts no other meanwhile. One that is not ours to end (sudo) stays, and
 * all others end.
 */
export function killTree(root: number, send: Send = process.kill): void {
  const signal = tolerant(send);
  const stopped = new Set<number>();
  for (let found = [root]; found.length > 0; found = childrenOf(stopped)) {
    for (const pid of found) {
      stopped.add(pid);
      signal(pid, 'SIGSTOP');
    }
  }
  for (const pid of stopped) signal(pid, 'SIGKILL');
}

/** Of these, those that are not among them. */
function childrenOf(parents: ReadonlySet<number>): number[] {
  const all = existsSync('/proc/self/stat') ? rowsOfLinux() : rowsOfOthers();
  return all.filter(([pid, parent]) => parents.has(parent) && !parents.has(pid)).map(([pid]) => pid);
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
