/**
 * One worker as its supervisor sees it: a process that gets sockets and orders, answers within a limit, and ends. When and
 * why it is started or replaced is crew.ts's business.
 */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import type { Server } from 'node:net';
import { isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import type { TrailBatch } from '#audit/remote-trail.ts';
import type { Config } from '#config/config.ts';
import type { Ask } from '#limit/lending.ts';
import type { ListeningSocket } from '#net/shared-socket.ts';
import type { PeerReport } from '#peer/peer-watch.ts';
import type { Snapshot } from '#record/merged-metrics.ts';
import { takeLines } from '#record/whole-lines.ts';
import type { Orders } from './orders.ts';
import type { Fault, Order, Report, Request, StartOrder } from './protocol.ts';

/** What src/main.ts takes for a worker, where there is a channel. */
const WORD = 'worker';
/** Loading the program and a list of a million names on a busy machine; who takes longer hangs. */
const START_LIMIT_MS = 60_000;
const ADOPT_LIMIT_MS = 30_000;
const METRICS_LIMIT_MS = 1_000;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Who hears what a worker says unasked. */
export interface WorkerEvents {
  readonly onPeer: (report: PeerReport) => void;
  /** What it needs of limits. */
  readonly onAsks: (asks: readonly Ask[]) => void;
  /** What it has for the audit trail. */
  readonly onAudit: (batch: TrailBatch) => void;
  /** A line for standard output. */
  readonly onLine: (line: string) => void;
}

interface Pending {
  resolve(): void;
  reject(error: Error): void;
}

/** A worker could not do what it was asked; it is as it was before. */
export class WorkerFault extends Error {
  readonly code: string | undefined;
  readonly exitCode: number | undefined;

  constructor({ message, code, exitCode }: Fault) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}

export class WorkerProcess {
  /** Settles when the process has ended and everything it wrote has been read. */
  readonly exited: Promise<Exit>;
  readonly #startedMs = performance.now();
  readonly #child: ChildProcess;
  readonly #events: WorkerEvents;
  readonly #pending = new Map<number, Pending>();
  /** What it accepts on, and need not be sent. One that a reload lets go of may come back, the same. */
  #held: ReadonlySet<ListeningSocket> = new Set();
  #nextId = 1;
  #config: Config | undefined = undefined;
  #metrics: Snapshot = [];

  constructor(events: WorkerEvents) {
    this.#events = events;
    this.#child = forkProgram();
    if (this.#child.stdout !== null) takeLines(this.#child.stdout, events.onLine);
    this.#child.on('message', (report) => this.#hear(report as Report));
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
    return this.#metrics;
  }

  /** @throws {WorkerFault} it cannot serve so @throws {Error} it ended, or did not answer */
  async start(orders: Orders, order: StartOrder): Promise<void> {
    this.#sendSockets(orders);
    await this.#request({ what: 'start', order }, START_LIMIT_MS);
    this.#serves(orders);
  }

  /** @throws {WorkerFault} it serves on as before @throws {Error} it ended, or nobody knows how it serves */
  async adopt(orders: Orders): Promise<void> {
    this.#sendSockets(orders);
    await this.#request({ what: 'adopt', config: orders.config }, ADOPT_LIMIT_MS);
    this.#serves(orders);
  }

  /** Asks for its metrics; where it does not answer, the last ones stand. Never rejects. */
  async refreshMetrics(): Promise<void> {
    await this.#request({ what: 'metrics' }, METRICS_LIMIT_MS).catch(() => {});
  }

  /** Has it open its log files anew. Never rejects. */
  async reopenLogs(): Promise<void> {
    await this.#request({ what: 'reopenLogs' }, ADOPT_LIMIT_MS).catch(() => {});
  }

  /** Tells it something that wants no answer; nothing happens when it is gone. */
  tell(order: Order, handle?: Server): void {
    if (this.#child.connected) this.#child.send(order, handle, {}, () => {});
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

  async #request(request: Request, limitMs: number): Promise<void> {
    const id = this.#nextId;
    this.#nextId += 1;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.set(id, { resolve, reject });
    const timer = setTimeout(() => reject(new Error(`Worker ${this.pid} does not answer`)), limitMs);
    if (this.#child.connected) this.tell({ kind: 'request', id, request });
    else reject(new Error(`Worker ${this.pid} is gone`));
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  #hear(report: Report): void {
    if (report.kind === 'peer') this.#events.onPeer(report.report);
    else if (report.kind === 'limits') this.#events.onAsks(report.asks);
    else if (report.kind === 'audit') this.#events.onAudit(report.batch);
    else if (report.kind === 'metrics') this.#metrics = report.snapshot;
    else if (report.fault === undefined) this.#pending.get(report.id)?.resolve();
    else this.#pending.get(report.id)?.reject(new WorkerFault(report.fault));
  }

  #untilClosed(): Promise<Exit> {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.#child.once('close', (code, signal) => {
      const how = signal ?? `code ${code}`;
      for (const { reject } of this.#pending.values())
        reject(new Error(`Worker ${this.pid} ended with ${how}`));
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
