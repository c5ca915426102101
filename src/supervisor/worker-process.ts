/**
 * One worker as its supervisor sees it: a process that gets sockets and orders, answers within a limit, and ends. When and
 * why it is started or replaced is crew.ts's business.
 */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import type { Server } from 'node:net';
import { isSea } from 'node:sea';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CacheQuestion } from '#cache/question.ts';
import type { Config } from '#config/config.ts';
import type { ListeningSocket } from '#net/shared-socket.ts';
import type { Snapshot } from '#record/merged-metrics.ts';
import { takeLines } from '#record/whole-lines.ts';
import type { Orders } from './orders.ts';
import type { Order, Report, StartOrder } from './protocol.ts';
import { Talk, type WorkerEvents } from './talk.ts';

/** What src/main.ts takes for a worker, where there is a channel. */
const WORD = 'worker';
/** Loading the program and a list of a million names on a busy machine; who takes longer hangs. */
const START_LIMIT_MS = 60_000;
const ADOPT_LIMIT_MS = 30_000;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class WorkerProcess {
  /** Settles when the process has ended and everything it wrote has been read. */
  readonly exited: Promise<Exit>;
  readonly #startedMs = performance.now();
  readonly #child: ChildProcess;
  readonly #talk: Talk;
  /** How often something was read of what it writes. */
  #reads = 0;
  /** What it accepts on, and need not be sent. One that a reload lets go of may come back, the same. */
  #held: ReadonlySet<ListeningSocket> = new Set();
  #config: Config | undefined = undefined;

  constructor(events: WorkerEvents) {
    this.#child = forkProgram();
    this.#talk = new Talk({
      ...events,
      who: () => `Worker ${this.pid}`,
      send: (order) => {
        this.tell(order);
        return this.#child.connected;
      },
    });
    this.#readLines(events);
    this.#child.on('message', (report) => this.#talk.hear(report as Report));
    this.exited = this.#untilClosed();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get livedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** The configuration that it serves by. */
  get config(): Config | undefined {
    return this.#config;
  }

  /** The last metrics that it told. */
  get metrics(): Snapshot {
    return this.#talk.metrics;
  }

  /** @throws {WorkerFault} it cannot serve so @throws {Error} it ended, or did not answer */
  async start(orders: Orders, order: StartOrder): Promise<void> {
    this.#sendSockets(orders);
    await this.#talk.request({ what: 'start', order }, START_LIMIT_MS);
    this.#serves(orders);
  }

  /** @throws {WorkerFault} it serves on as before @throws {Error} it ended, or nobody knows how it serves */
  async adopt(orders: Orders): Promise<void> {
    this.#sendSockets(orders);
    await this.#talk.request({ what: 'adopt', config: orders.config }, ADOPT_LIMIT_MS);
    this.#serves(orders);
  }

  /** As {@link Talk.refreshMetrics}. */
  refreshMetrics(): Promise<void> {
    return this.#talk.refreshMetrics();
  }

  /** As {@link Talk.reopenLogs}. */
  reopenLogs(): Promise<void> {
    return this.#talk.reopenLogs();
  }

  /** As {@link Talk.leave}. */
  leave(): Promise<void> {
    return this.#talk.leave();
  }

  /** As {@link Talk.askCache}. */
  askCache(question: CacheQuestion): ReturnType<Talk['askCache']> {
    return this.#talk.askCache(question);
  }

  /** Says a last word, and lets go of the process, with everything read that it has written. Never rejects. */
  async part(order: Order): Promise<void> {
    const child = this.#child;
    await this.say(order);
    let before = -1;
    while (before !== this.#reads) {
      before = this.#reads;
      // One whole turn of the event loop lies between two of these.
      await turn();
      await turn();
    }
    if (child.connected) child.disconnect();
    child.stdout?.destroy();
    child.unref();
  }

  /** Tells it something that wants no answer; nothing happens when it is gone. */
  tell(order: Order, handle?: Server): void {
    if (this.#child.connected) this.#child.send(order, handle, {}, () => {});
  }

  /** The same, resolved when it is with the process, or that is gone. */
  say(order: Order): Promise<void> {
    return new Promise((resolve) => {
      if (this.#child.connected) this.#child.send(order, undefined, {}, () => resolve());
      else resolve();
    });
  }

  /** Ends it without asking. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #serves({ config, sockets }: Orders): void {
    this.#config = config;
    this.#held = new Set(sockets.values());
  }

  #sendSockets({ sockets }: Orders): void {
    for (const [key, socket] of sockets) {
      if (this.#held.has(socket)) continue;
      // The channel sends bare handles as well as servers; only its type does not say so.
      this.tell({ kind: 'socket', key }, socket.handle as unknown as Server);
    }
  }

  #readLines({ onLine }: WorkerEvents): void {
    const { stdout } = this.#child;
    if (stdout === null) return;
    takeLines(stdout, onLine);
    stdout.on('data', () => {
      this.#reads += 1;
    });
  }

  #untilClosed(): Promise<Exit> {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.#child.once('close', (code, signal) => {
      this.#talk.end(`Worker ${this.pid} ended with ${signal ?? `code ${code}`}`);
      resolve({ code, signal });
    });
    // Without an id the system could not start it, and nothing else will come of it.
    this.#child.on('error', () => {
      if (this.pid === undefined) resolve({ code: null, signal: null });
    });
    return promise;
  }
}

/** This program once more, as a worker. */
function forkProgram(): ChildProcess {
  const options: ForkOptions = { serialization: 'advanced', stdio: ['ignore', 'pipe', 'inherit', 'ipc'] };
  // A single executable has its options of Node in it, and no file to name.
  if (isSea()) return fork(WORD, [], { ...options, execArgv: [] });
  return fork(fileURLToPath(import.meta.resolve('../main.ts')), [WORD], options);
}
