/**
 * `bin/weir run` as a child process, from its start to its end: its access log from standard output, its operational log
 * from standard error, both parsed line by line as they come, and where it listens. Waits for lines, never for time to pass.
 * Used by the demo and by the tests that need a real process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { guard } from './guardian.ts';
import { handing } from './handed-socket.ts';

/** The program, as a user of a checkout starts it, or what a whole run of the tests has built (test-program.ts). */
export const WEIR = process.env.WEIR_PROGRAM ?? join(import.meta.dirname, '../../bin/weir');

/** What Node compiled at the first start, for those after it. */
export const COMPILED = join(import.meta.dirname, '../../node_modules/.cache/weir');

/**
 * How a test starts {@link WEIR}: without the test runner, which loads itself into every Node by NODE_OPTIONS and counts lines
 * that no floor asks for, and with what is compiled already. A start costs a third of it then.
 */
export function startOf(args: readonly string[]): [program: string, args: string[]] {
  return ['/usr/bin/env', ['-u', 'NODE_OPTIONS', `NODE_COMPILE_CACHE=${COMPILED}`, WEIR, ...args]];
}

/** One line of the access log (docs/access-log.md). */
export interface AccessLine {
  readonly event: 'open' | 'update' | 'end';
  readonly hop: string;
  readonly transaction_id: string;
  readonly outcome?: string;
  readonly [field: string]: string | number | undefined;
}

/** One line of the operational log. */
export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface Parts {
  readonly configFile: string | undefined;
  /** Removed at the end. */
  readonly folder: string | undefined;
  /** More options of `weir run`. */
  readonly options?: readonly string[];
  /** @default {@link WEIR} */
  readonly program?: string;
  /** Descriptor of a listening socket that it is handed under the name `weir`, as by systemd. */
  readonly passed?: number;
  /** Variables beside those of this process; of another program there are no others. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Long for any wait that succeeds, short for one that does not. */
const PATIENCE_MS = 20_000;

export class WeirProcess implements AsyncDisposable {
  /** Access records so far, in order. */
  readonly records: AccessLine[] = [];
  readonly log: LogLine[] = [];
  /** Everything on standard error, for people. */
  stderr = '';
  readonly exited: Promise<Exit>;
  /** When it has ended, and what it has started may still write. */
  readonly gone: Promise<unknown>;
  readonly configFile: string | undefined;
  readonly #child: ChildProcess;
  readonly #folder: string | undefined;
  readonly #waiting = new Set<() => void>();
  #exit: Exit | undefined = undefined;

  private constructor(parts: Parts) {
    this.configFile = parts.configFile;
    this.#folder = parts.folder;
    const file = parts.configFile === undefined ? [] : ['-c', parts.configFile];
    const words = ['run', ...file, ...(parts.options ?? [])];
    const command = parts.program === undefined ? startOf(words) : ([parts.program, words] as const);
    const passed = parts.passed === undefined ? [] : [parts.passed];
    const child = spawn(...(parts.passed === undefined ? command : handing(command)), {
      stdio: ['ignore', 'pipe', 'pipe', ...passed],
      env: { ...(parts.program === undefined ? process.env : {}), ...parts.env },
    });
    this.#child = child;
    const callOff = guard({ pid: child.pid, folder: parts.folder });
    this.#follow(child.stdout, (line) => {
      if (line.startsWith('{')) this.records.push(JSON.parse(line));
    });
    this.#follow(child.stderr, (line) => {
      this.stderr += `${line}\n`;
      if (line.startsWith('{')) this.log.push(JSON.parse(line));
    });
    this.gone = once(child, 'exit');
    this.exited = once(child, 'close').then(([code, signal]) => {
      callOff();
      this.#exit = { code, signal };
      this.#wake();
      return this.#exit;
    });
  }

  /** Starts Weir by a configuration of its own in a folder of its own, and waits until it serves. */
  static async start(yaml: string): Promise<WeirProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-run-'));
    const configFile = join(folder, 'weir.yaml');
    writeFileSync(configFile, yaml);
    return await WeirProcess.#serving(new WeirProcess({ configFile, folder }));
  }

  /** Starts Weir by a file that stays the caller's, or by the built-in configuration, and waits until it serves. */
  static async startBy(configFile: string | undefined, ...options: readonly string[]): Promise<WeirProcess> {
    return await WeirProcess.#serving(new WeirProcess({ configFile, folder: undefined, options }));
  }

  /** As {@link startBy}, in another environment. */
  static async startUnder(env: Readonly<Record<string, string>>, configFile: string): Promise<WeirProcess> {
    return await WeirProcess.#serving(new WeirProcess({ configFile, folder: undefined, env }));
  }

  /** As {@link startUnder}, with a listening socket that systemd would hand over as `weir`. */
  static async startWith(passed: number, configFile: string, env = {}): Promise<WeirProcess> {
    return await WeirProcess.#serving(new WeirProcess({ configFile, folder: undefined, passed, env }));
  }

  /** Starts another `weir`, such as the single executable, by a file that stays the caller's and without any variable. */
  static async startProgram(program: string, configFile: string): Promise<WeirProcess> {
    return await WeirProcess.#serving(new WeirProcess({ configFile, folder: undefined, program }));
  }

  /** Starts Weir by a file that stays the caller's, and waits for nothing. */
  static begin(configFile: string, ...options: readonly string[]): WeirProcess {
    return new WeirProcess({ configFile, folder: undefined, options });
  }

  static async #serving(started: WeirProcess): Promise<WeirProcess> {
    try {
      await started.logged('Serving');
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('Cannot tell the id of a process that never started');
    return this.#child.pid;
  }

  /** Port of its first listener. */
  get port(): number {
    const [first] = this.#served().listeners as readonly { readonly address: string }[];
    return portOf(first?.address);
  }

  get adminPort(): number {
    return portOf(this.#served().admin);
  }

  /** Waits for the access record that `matches`; one that came before counts. */
  record(matches: (line: AccessLine) => boolean): Promise<AccessLine> {
    return this.until('an access record', () => this.records.find(matches));
  }

  /** Waits for the final records of `count` transactions, and returns all final records that are there. */
  ended(count: number): Promise<readonly AccessLine[]> {
    return this.until(`${count} final access records`, () => {
      const ends = this.records.filter(({ event }) => event === 'end');
      return ends.length >= count ? ends : undefined;
    });
  }

  /** Waits for a line of the operational log, told by its message; `after` such lines that are not meant. */
  logged(message: string, after = 0): Promise<LogLine> {
    return this.until(`"${message}" in the log`, () => this.log.filter(({ msg }) => msg === message)[after]);
  }

  /**
   * Waits until `find` finds something; it is asked again after every line that Weir writes.
   * @throws when Weir ends before, or takes longer than anyone should wait; with what it wrote on standard error
   */
  async until<Found>(what: string, find: () => Found | undefined): Promise<Found> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const clock = setTimeout(() => reject(this.#complaint(what, 'it takes too long')), PATIENCE_MS);
    try {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        if (this.#exit !== undefined)
          throw this.#complaint(what, `it ended with ${JSON.stringify(this.#exit)}`);
        await Promise.race([late, new Promise<void>((resolve) => this.#waiting.add(resolve))]);
      }
    } finally {
      clearTimeout(clock);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it without asking, and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit === undefined) this.#child.kill('SIGKILL');
    await this.exited;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #served(): LogLine {
    const line = this.log.find(({ msg }) => msg === 'Serving');
    if (line === undefined) throw new Error('Cannot tell where Weir listens: it does not serve');
    return line;
  }

  /** Only lines that are whole: a kill may leave half of one. */
  #follow(stream: Readable | null, take: (line: string) => void): void {
    if (stream === null) throw new Error('Cannot follow Weir: its output is no pipe');
    let rest = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
      this.#wake();
    });
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  #complaint(what: string, why: string): Error {
    return new Error(`Cannot wait for ${what} of Weir: ${why}\n${this.stderr}`);
  }
}

/** The port of `host:port`. */
const portOf = (address: unknown): number => Number(String(address).split(':').at(-1));
