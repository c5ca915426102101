/**
 * What Linux tells of processes, proc(5): processor time and resident memory of a process and all below it, so that a proxy
 * with workers or helpers is charged for them.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * utime, stime, cutime and cstime of a `stat` line, in ticks: fields 14 to 17, counted after the name, which may hold spaces
 * and parentheses. The last two are those of children that have ended, so that a worker that dies takes nothing with it.
 */
export function ticksIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  if (Number.isNaN(ticks) || fields.length < 15) throw new Error(`Cannot read processor time from "${stat}"`);
  return ticks;
}

/** Resident pages of a `statm` line. */
export function residentPagesIn(statm: string): number {
  const pages = Number(statm.split(' ')[1]);
  if (Number.isNaN(pages)) throw new Error(`Cannot read resident memory from "${statm}"`);
  return pages;
}

function read(path: string): string {
  return readFileSync(`/proc/${path}`, 'latin1');
}

/** Of a process that ends while it is looked at there is nothing left to tell. */
function unlessGone<Told>(look: () => Told, gone: Told): Told {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return gone;
    throw error;
  }
}

function childrenOf(pid: number): readonly number[] {
  return unlessGone(
    () =>
      readdirSync(`/proc/${pid}/task`).flatMap((task) =>
        read(`${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
      ),
    [],
  );
}

/** `pid` and all processes below it. */
function treeOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

function sumOver(pids: readonly number[], look: (pid: number) => number): number {
  return pids.flatMap(treeOf).reduce((sum, pid) => sum + unlessGone(() => look(pid), 0), 0);
}

const getconf = (name: string): number => Number(execFileSync('getconf', [name], { encoding: 'utf8' }));

const TICKS_PER_SECOND = getconf('CLK_TCK');
const PAGE_BYTES = getconf('PAGESIZE');

/** Processor seconds that `pids` and all below them have used so far, user and kernel. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return sumOver(pids, (pid) => ticksIn(read(`${pid}/stat`))) / TICKS_PER_SECOND;
}

/** Resident memory of `pids` and all below them; pages that processes share count for each. */
export function residentBytesOf(pids: readonly number[]): number {
  return sumOver(pids, (pid) => residentPagesIn(read(`${pid}/statm`))) * PAGE_BYTES;
}
