/** Processes that take part in a measurement: started, spoken to, and ended with the harness whatever happens to it. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../../scripts/lib/guardian.ts';

/** How long a process may take to end by itself. */
const PATIENCE_MS = 5_000;

/** A child process that ends when it is disposed of. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #outputFile: string | undefined;

  private constructor(child: ChildProcess, outputFile?: string) {
    this.#child = child;
    this.#outputFile = outputFile;
    this.#closed = once(child, 'close').then(guard({ pid: child.pid }));
  }

  /** Starts one of our own TypeScript files, which speaks first. @returns it, and what it said */
  static async fork<Said>(file: string, args: readonly string[] = []): Promise<[Program, Said]> {
    const child = fork(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const program = new Program(child);
    return [program, await program.#hear<Said>()];
  }

  /** Starts any program; what it prints goes to a file in `folder`. */
  static async spawn(command: readonly string[], folder: string): Promise<Program> {
    const outputFile = join(folder, 'output.txt');
    const output = openSync(outputFile, 'a');
    const [name = '', ...args] = command;
    const child = spawn(name, args, { stdio: ['ignore', output, output] });
    closeSync(output);
    await once(child, 'spawn');
    return new Program(child, outputFile);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('Cannot tell the id of a process that never started');
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The last of what it printed, for a person who wants to know why it failed. */
  get lastWords(): string {
    return this.#outputFile === undefined ? '' : readFileSync(this.#outputFile, 'utf8').slice(-2000);
  }

  /** Sends `question` and waits for one answer. @throws where it has ended, or ends before */
  async ask<Answer>(question: object): Promise<Answer> {
    if (!this.#child.connected)
      throw new Error(`Cannot ask ${this.#child.spawnargs.join(' ')}: it has ended`);
    this.#child.send(question);
    return await this.#hear<Answer>();
  }

  async #hear<Said>(): Promise<Said> {
    const heard = new AbortController();
    const message = once(this.#child, 'message', { signal: heard.signal });
    const ended = this.#closed.then(() => {
      throw new Error(`Cannot hear from ${this.#child.spawnargs.join(' ')}: it has ended`);
    });
    try {
      const [said] = await Promise.race([message, ended]);
      return said as Said;
    } finally {
      heard.abort();
      message.catch(() => {});
      ended.catch(() => {});
    }
  }

  /** Asks it to end, and makes it end where it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    const clock = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    await this.#closed;
    clearTimeout(clock);
  }
}
