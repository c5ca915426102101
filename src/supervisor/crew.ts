/**
 * The workers of one host: as many as were asked for, all with the same orders. One that dies is replaced, at once or, where
 * that keeps happening, after a while; so is one that does not follow orders, which is ended: by what policy it serves, and
 * judges its tunnels, nobody knows.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '#record/operational-log.ts';
import { BackOff } from './back-off.ts';
import type { Orders } from './orders.ts';
import type { StartOrder } from './protocol.ts';
import { WorkerFault } from './requests.ts';
import type { Exit, WorkerProcess } from './worker-process.ts';

/** What a worker may take to end beyond the time that its transactions have. */
const END_LIMIT_MS = 10_000;
/** Workers that try other orders before these are given up. */
const TRIES = 2;

/** What a crew needs of a process. */
export type Worker = Pick<
  WorkerProcess,
  'pid' | 'livedMs' | 'config' | 'exited' | 'start' | 'adopt' | 'leave' | 'part' | 'tell' | 'kill'
>;

export interface CrewParts<W extends Worker> {
  readonly count: number;
  readonly log: Log;
  /** Makes a process that does nothing yet. */
  readonly fork: () => W;
  /** What a worker begins with, but for its configuration. */
  readonly beginning: (worker: W) => Omit<StartOrder, 'config'>;
  /** Told of each worker that is gone. */
  readonly onGone: (worker: W) => void;
  /** Told of each that ended though it should serve. */
  readonly onCrash: () => void;
}

export class Crew<W extends Worker = WorkerProcess> {
  readonly #parts: CrewParts<W>;
  readonly #backOff = new BackOff();
  /** Every process that lives: starting, serving or retiring. */
  readonly #all = new Set<W>();
  readonly #serving = new Set<W>();
  /** Processes that were told to end, each with the time at which it is not waited for any longer. */
  readonly #retiring = new Map<W, NodeJS.Timeout>();
  readonly #stopping = new AbortController();
  #isCut = false;
  #orders: Orders;

  constructor(parts: CrewParts<W>, orders: Orders) {
    this.#parts = parts;
    this.#orders = orders;
  }

  /** What workers serve by. */
  get orders(): Orders {
    return this.#orders;
  }

  /** Every process that lives. */
  get all(): readonly W[] {
    return [...this.#all];
  }

  /** Those that were not told to end. */
  get staying(): readonly W[] {
    return this.all.filter((worker) => !this.#retiring.has(worker));
  }

  /** Those that take new connections. */
  get serving(): readonly W[] {
    return [...this.#serving];
  }

  /** Starts them all, unless they are to end already. @throws {Error} why one cannot serve; none is left that was not told to end */
  async start(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const starts = Array.from({ length: this.#parts.count }, () => this.#add());
    try {
      await Promise.all(starts);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#killAll();
      await Promise.allSettled(starts);
      throw error;
    }
  }

  /**
   * Has all of them serve by other orders, or none: one tries first. Who does not follow is ended, and another takes its place.
   * @throws {Error} why they cannot; all serve on as before
   */
  async adopt(orders: Orders): Promise<void> {
    await this.#try(orders);
    this.#orders = orders;
    const others = this.serving.filter(({ config }) => config !== orders.config);
    await Promise.all(
      others.map((worker) => worker.adopt(orders).catch((error) => this.#replaceLost(worker, error))),
    );
  }

  /**
   * Has all of them finish what they have, and waits until they are gone.
   * @returns whether all of it ended by itself
   */
  async stop(): Promise<boolean> {
    this.#stopping.abort();
    const processes = this.all;
    // One that only starts has nothing to finish.
    const busy = processes.filter(({ config }) => config !== undefined);
    for (const worker of processes) {
      if (busy.includes(worker)) this.#retire(worker);
      else worker.kill();
    }
    await Promise.all(processes.map(({ exited }) => exited));
    const exits = await Promise.all(busy.map(({ exited }) => exited));
    return !this.#isCut && exits.every(({ code }) => code === 0);
  }

  /** Has all of them finish what they have by themselves, and waits for no more than that they accept nothing. */
  async leave(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#retiring.values()) clearTimeout(timer);
    const isBusy = ({ config }: W): boolean => config !== undefined;
    for (const worker of this.all.filter((worker) => !isBusy(worker))) worker.kill();
    await Promise.all(this.all.filter(isBusy).map((worker) => worker.leave()));
  }

  /** Has all of them cut what they have, and end. */
  endAtOnce(): void {
    this.#isCut = true;
    this.#stopping.abort();
    for (const worker of this.#all) this.#end(worker);
  }

  /**
   * Has one of them serve by `orders`. One that is lost over it may have been lost before, so that a second one tries, and no more:
   * orders that break workers are not to break them all.
   * @throws {Error} why it cannot
   */
  async #try(orders: Orders): Promise<void> {
    let why: unknown;
    for (const worker of this.serving.slice(0, TRIES)) {
      try {
        await worker.adopt(orders);
        return;
      } catch (error) {
        if (error instanceof WorkerFault) throw error;
        this.#replaceLost(worker, error);
        why = error;
      }
    }
    if (why !== undefined) throw why;
  }

  #killAll(): void {
    this.#stopping.abort();
    for (const worker of this.#all) worker.kill();
  }

  async #add(): Promise<W> {
    const worker = this.#parts.fork();
    this.#all.add(worker);
    void worker.exited.then((exit) => this.#onExit(worker, exit));
    try {
      await worker.start(this.#orders, { ...this.#parts.beginning(worker), config: this.#orders.config });
      // Orders that came while it started.
      while (worker.config !== this.#orders.config) await worker.adopt(this.#orders);
    } catch (error) {
      worker.kill();
      throw error;
    }
    if (!this.#stopping.signal.aborted) this.#serving.add(worker);
    return worker;
  }

  /** Starts one for a process that lived so long, and tries until it serves. Never rejects. */
  async #refill(livedMs: number): Promise<void> {
    const { log } = this.#parts;
    const { signal } = this.#stopping;
    let wait = this.#backOff.next(livedMs);
    while (!signal.aborted) {
      await delay(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        const { pid } = await this.#add();
        log.info({ worker: pid }, 'Worker serves');
        return;
      } catch (err) {
        if (!signal.aborted) log.error({ err }, 'Cannot start a worker');
      }
      wait = this.#backOff.next(0);
    }
  }

  /** That the other takes long to start is nothing to wait for: it begins with the orders that are in force then. */
  #replaceLost(worker: W, err: unknown): void {
    if (!this.#serving.delete(worker)) return;
    this.#parts.log.error({ err, worker: worker.pid }, 'Worker does not follow, another takes its place');
    this.#end(worker);
    void this.#refill(Number.POSITIVE_INFINITY);
  }

  /** Has it cut what it has, and end. */
  #end(worker: W): void {
    // One that only starts has nothing to cut.
    if (worker.config === undefined) worker.kill();
    else worker.tell({ kind: 'end' });
    this.#killIn(END_LIMIT_MS, worker);
  }

  #retire(worker: W): void {
    const { drainDelay, drain } = this.#orders.config.timeouts;
    worker.tell({ kind: 'drain' });
    this.#killIn(drainDelay + drain + END_LIMIT_MS, worker);
  }

  #killIn(limitMs: number, worker: W): void {
    clearTimeout(this.#retiring.get(worker));
    if (this.#all.has(worker))
      this.#retiring.set(
        worker,
        setTimeout(() => worker.kill(), limitMs),
      );
  }

  #onExit(worker: W, { code, signal }: Exit): void {
    const { log, onGone, onCrash } = this.#parts;
    const wasBidden = this.#stopping.signal.aborted || this.#retiring.has(worker);
    const wasServing = this.#serving.delete(worker);
    clearTimeout(this.#retiring.get(worker));
    this.#retiring.delete(worker);
    this.#all.delete(worker);
    onGone(worker);
    // One that never served is told of by who started it.
    if (wasBidden || worker.config === undefined) return;
    onCrash();
    log.error({ worker: worker.pid, code, signal, lived_ms: Math.round(worker.livedMs) }, 'Worker died');
    if (wasServing) void this.#refill(worker.livedMs);
  }
}
