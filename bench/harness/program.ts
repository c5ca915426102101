/** Processes that take part in a measurement: started, spoken to, their processor time read, and ended with the harness. */
import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, which Linux has fixed at 100 for programs to see. */
const TICKS_PER_SECOND = 100;

/** utime and stime of `pid` in ticks; fields 14 and 15 of proc(5) stat, counted after the name, which may hold spaces. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
}

/** Processor seconds that `pid` and all below it have used so far, user and kernel. */
export function cpuSeconds(pid: number): number {
  const below = childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), 0);
  return below + ticksOf(pid) / TICKS_PER_SECOND;
}

/** A child process that ends when it is disposed of. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, 'close');
  }

  /** Starts one of our own TypeScript files, which speaks first. @returns it, and what it said */
  static async fork<Said>(file: string): Promise<[Program, Said]> {
    const child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const program = new Program(child);
    return [program, await program.#hear<Said>()];
  }

  static async spawn(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<Program> {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
    await once(child, 'spawn');
    return new Program(child);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('Cannot tell the id of a process that never started');
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Sends `question` and waits for one answer. */
  async ask<Answer>(question: object): Promise<Answer> {
    this.#child.send(question);
    return await this.#hear<Answer>();
  }

  async #hear<Said>(): Promise<Said> {
    const ended = this.#closed.then(() => {
      throw new Error(`Cannot hear from ${this.#child.spawnargs.join(' ')}: it has ended`);
    });
    const [said] = await Promise.race([once(this.#child, 'message'), ended]);
    return said as Said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) this.#child.kill('SIGKILL');
    await this.#closed;
  }
}
