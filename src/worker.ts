/**
 * Where a worker begins: a process that only a supervisor starts, which gives it sockets and orders. Signals are the
 * supervisor's business. When the supervisor is lost, the worker accepts no more, finishes what it has, and ends.
 */
import process from 'node:process';
import { RemoteTrail } from '#audit/remote-trail.ts';
import { deepFreeze } from '#config/effective.ts';
import { BorrowingStore } from '#limit/borrowing-store.ts';
import type { Ask } from '#limit/lending.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import { warnOfNode } from '#pods/pod-reports.ts';
import { TierSize } from '#pods/tier-size.ts';
import { type OpenCounts, openCounts } from '#redis/store.ts';
import { keyOf, type Order, type Request, type StartOrder } from '#supervisor/protocol.ts';
import { faultOf, type LineEvents, SupervisorLine } from '#supervisor/supervisor-line.ts';
import { ExitCode } from './exit-codes.ts';
import { Service } from './service.ts';
import { withExitCode } from './start-fault.ts';

/** What the channel hands over: a handle that can be closed again. */
type Handle = NonNullable<Parameters<LineEvents['onOrder']>[1]> & { close(): void };

class Worker {
  readonly #line: SupervisorLine;
  /** Sockets that no listener has taken yet. */
  readonly #sockets = new Map<string, Handle>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #limits: BorrowingStore;
  readonly #trail: RemoteTrail;
  /** There before the service, so that nothing that is told while it starts is lost. */
  readonly #pods = new PodDirectory({
    onNode: (node, address) => {
      if (this.#service !== undefined) warnOfNode(this.#service.records.log, node, address);
    },
  });
  #service: Service | undefined = undefined;
  /** The last request to start or to adopt. */
  #changing: Promise<void> = Promise.resolve();
  #isOrphan = false;
  /** Undefined: the supervisor counts. */
  #redis: OpenCounts | undefined = undefined;

  constructor() {
    this.#line = new SupervisorLine({
      onOrder: (order, handle) => this.#obey(order, handle as Handle | undefined),
      onLost: () => this.#onLost(),
    });
    const tierSize = new TierSize(this.#pods);
    this.#limits = new BorrowingStore((asks) => this.#askLimits(asks), {
      hosts: () => tierSize.count,
    });
    this.#trail = new RemoteTrail((batch) => this.#line.report({ kind: 'audit', batch }));
    // A terminal's Ctrl-C and systemd's stop reach every process of the group; the supervisor tells what to do about it.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) {
      process.on(signal, () => this.#onSignal(signal));
    }
  }

  /** Serves until it is told to stop. Resolves with the exit code. */
  async run(): Promise<number> {
    await this.#stopped.promise;
    await this.#changing;
    const service = this.#service;
    if (service === undefined) return this.#end(ExitCode.Done);
    // An address that an orphan held would be missing to the next supervisor.
    const delayMs = this.#isOrphan ? 0 : service.proxy.config.timeouts.drainDelay;
    const isWhole = await service.drain(delayMs);
    await this.#redis?.close();
    await this.#trail.flush();
    await this.#line.report({ kind: 'metrics', snapshot: await service.records.metrics.snapshot() });
    await service.records.close();
    return this.#end(isWhole ? ExitCode.Done : ExitCode.DrainCutShort);
  }

  #end(exitCode: number): number {
    this.#line.hangUp();
    return exitCode;
  }

  #obey(order: Order, handle: Handle | undefined): void {
    switch (order.kind) {
      case 'request':
        void this.#answer(order.id, order.request);
        break;
      case 'socket':
        if (handle !== undefined) this.#sockets.set(order.key, handle);
        break;
      case 'peer':
        this.#service?.proxy.learnPeer(order.report);
        break;
      case 'pods':
        this.#pods.take(order.news);
        break;
      case 'namespaces':
        this.#pods.namespaces.take(order.news);
        break;
      case 'limits':
        if (this.#redis === undefined) this.#limits.receive(order.grants);
        else this.#redis.counts.insured(order.grants);
        break;
      case 'audit':
        this.#trail.hear(order.news);
        break;
      case 'drain':
        this.#service?.beginDrain();
        this.#stopped.resolve();
        break;
      case 'end':
        this.#service?.endAtOnce();
        this.#stopped.resolve();
        break;
    }
  }

  async #answer(id: number, request: Request): Promise<void> {
    try {
      await this.#do(request);
      await this.#line.report({ kind: 'answer', id, fault: undefined });
    } catch (error) {
      await this.#line.report({ kind: 'answer', id, fault: faultOf(error) });
    }
  }

  #do(request: Request): Promise<void> {
    switch (request.what) {
      case 'start':
        return this.#change(() => this.#start(request.order));
      case 'adopt':
        return this.#change(async () => this.#service?.proxy.adopt(deepFreeze(request.config)));
      case 'metrics':
        return this.#tellMetrics();
      case 'reopenLogs':
        return this.#service?.records.reopen() ?? Promise.resolve();
    }
  }

  /** What changes listeners ends before the drain closes them, and leaves no socket open that nobody took. */
  #change(change: () => Promise<void>): Promise<void> {
    const changed = change().finally(() => {
      for (const socket of this.#sockets.values()) socket.close();
      this.#sockets.clear();
    });
    this.#changing = changed.catch(() => {});
    return changed;
  }

  async #start(order: StartOrder): Promise<void> {
    const { config, instance, ticketSecret, adminPort, peers, seat, pods, namespaces } = order;
    if (pods !== undefined) this.#pods.take(pods);
    if (namespaces !== undefined) this.#pods.namespaces.take(namespaces);
    const service = new Service(deepFreeze(config), {
      instance,
      ticketSecret,
      limitStore: this.#limits,
      isLimitStoreUp: () => this.#redis?.counts.isUp === true,
      trail: config.log.audit && this.#trail,
      pods: this.#pods,
      areProbedElsewhere: true,
      seat,
      takeSocket: (listener) => this.#takeSocket(keyOf(listener)),
      onPeerHealth: (report) => void this.#line.report({ kind: 'peer', report }),
    });
    this.#openRedis(service);
    try {
      await service.proxy.start(adminPort);
    } catch (error) {
      await service.abandon();
      await this.#redis?.close();
      throw withExitCode(error);
    }
    for (const report of peers) service.proxy.learnPeer(report);
    this.#service = service;
  }

  #openRedis({ proxy, records }: Service): void {
    const { limitStore } = proxy.config;
    if (limitStore === undefined) return;
    this.#redis = openCounts(limitStore, {
      log: records.log,
      answer: (grants) => this.#limits.receive(grants),
      insurance: (asks) => this.#askSupervisor(asks),
      forfeit: () => this.#limits.forfeit(),
    });
  }

  #askLimits(asks: readonly Ask[]): void {
    if (this.#redis === undefined) this.#askSupervisor(asks);
    else this.#redis.counts.ask(asks);
  }

  #askSupervisor(asks: readonly Ask[]): void {
    void this.#line.report({ kind: 'limits', asks });
  }

  /** A socket of this worker's own would be one that nobody else accepts on. */
  #takeSocket(key: string): Handle {
    const socket = this.#sockets.get(key);
    if (socket === undefined) throw new Error(`Worker was sent no socket for ${key}`);
    this.#sockets.delete(key);
    return socket;
  }

  async #tellMetrics(): Promise<void> {
    const snapshot = (await this.#service?.records.metrics.snapshot()) ?? [];
    await this.#line.report({ kind: 'metrics', snapshot });
  }

  #onLost(): void {
    this.#isOrphan = true;
    this.#limits.lose();
    this.#trail.lose();
    this.#service?.records.log.error('Lost the supervisor, draining');
    this.#service?.beginDrain();
    this.#stopped.resolve();
  }

  /** Without a supervisor nobody else would end it. */
  #onSignal(signal: NodeJS.Signals): void {
    if (this.#isOrphan && (signal === 'SIGTERM' || signal === 'SIGINT')) this.#service?.endAtOnce();
  }
}

/** Serves by what the supervisor says, until it says otherwise. Resolves with the exit code. */
export function runWorker(): Promise<number> {
  return new Worker().run();
}
