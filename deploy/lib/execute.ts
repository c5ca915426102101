/** Starts other programs for real: no shell, bounded time and output. One that takes longer is killed, with all that it has started. */
import { type ChildProcess, type ExecFileException, execFile } from 'node:child_process';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from './fault.ts';
import { killFamily, newMark } from './process-tree.ts';
import type { Ended, Program } from './shell.ts';

const TIME_MS = 120_000;
/** A package sent to a machine goes through this process. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

/** What runs now: how to end it, and when it has ended. */
const running = new Map<() => void, Promise<void>>();
/** Nothing is started any more then, and nobody is told how something has ended: who waits for it would go on. */
let isOver = false;

/** Ends all that runs. */
export function endRunning(): void {
  isOver = true;
  for (const endOne of running.keys()) endOne();
}

/** Starts nothing any more, and waits until what runs has ended by itself, for so long at most. */
export async function lastEnded(graceMs: number): Promise<void> {
  isOver = true;
  await Promise.race([Promise.all(running.values()), pause(graceMs)]);
}

/** @throws {Fault} where there is no such program */
export function execute({ words, timeoutMs = TIME_MS }: Program, input?: Buffer): Promise<Ended> {
  if (isOver) return Promise.withResolvers<Ended>().promise;
  const [program, ...args] = words;
  const mark = newMark();
  let isLate = false;
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const options = {
    encoding: 'buffer' as const,
    maxBuffer: MAX_OUTPUT_BYTES,
    killSignal: 'SIGKILL' as const,
    env: { ...process.env, [mark]: '' },
  };
  const child = execFile(program, args, options, (error, stdout, stderr) => {
    clearTimeout(clock);
    running.delete(endOne);
    gone.resolve();
    if (isOver) return;
    const code = error?.code;
    if (code === 'ENOENT' || code === 'EACCES') {
      reject(new Fault(`Cannot start ${program}`, `install ${program}, or put it into PATH`));
    } else {
      resolve({ status: isLate ? undefined : statusOf(error), stdout, stderr: stderr.toString() });
    }
  });
  const endOne = (): void => end(child, mark);
  const gone = Promise.withResolvers<void>();
  running.set(endOne, gone.promise);
  const clock = setTimeout(() => {
    isLate = true;
    endOne();
  }, timeoutMs);
  // One that ends without reading has ended all the same.
  child.stdin?.on('error', () => {}).end(input);
  return promise;
}

function statusOf(error: ExecFileException | null): number | undefined {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : undefined;
}

function end({ pid, exitCode, signalCode, stdout, stderr }: ChildProcess, mark: string): void {
  killFamily({ root: exitCode === null && signalCode === null ? pid : undefined, mark });
  // Who is not ours to end, or has another environment, may hold them open.
  stdout?.destroy();
  stderr?.destroy();
}
