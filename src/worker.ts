/**
 * Where a worker begins: a process that only a supervisor starts, which gives it sockets and orders. Signals are the
 * supervisor's business. When the supervisor is lost, the worker accepts no more, finishes what it has, and ends; the next supervisor,
 * where there is one, takes over until then what is one per host.
 */
import process from 'node:process';
import type { CacheReply } from '#cache/question.ts';
import { deepFreeze } from '#config/effective.ts';
import { runtimeDirectory } from '#config/runtime-directory.ts';
import { PodDirectory } from '#pods/pod-directory.ts';
import { warnOfNode } from '#pods/pod-reports.ts';
import { TierSize } from '#pods/tier-size.ts';
import {
  type Hello,
  keyOf,
  MEETING_VERSION,
  type Order,
  type Request,
  type StartOrder,
} from '#supervisor/protocol.ts';
import { type SentSocket, SentSockets } from '#supervisor/sent-sockets.ts';
import { faultOf, type LineEvents, SupervisorLine } from '#supervisor/supervisor-line.ts';
import { ExitCode } from './exit-codes.ts';
import { HostShare } from './host-share.ts';
import { Service } from './service.ts';
import { withExitCode } from './start-fault.ts';

/** For the request of who had just connected when the worker was left. */
const GRACE_MS = 1_000;
/** A restart is over by then; and without one nobody serves here any more. */
const RELIEF_LIMIT_MS = 5_000;

class Worker {
  readonly #line: SupervisorLine;
  readonly #sockets = new SentSockets();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #share: HostShare;
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
  /** The supervisor has said that it is about to go. */
  #isLeft = false;
  /** For those who had connected just before. */
  #graceMs = 0;
  /** When it began to finish what it has. */
  #leftMs = 0;
  /** Of the supervisor that started it. */
  #instance = '';

  constructor() {
    const directory = runtimeDirectory();
    const events: LineEvents = {
      onOrder: (order, handle) => this.#obey(order, handle as SentSocket | undefined),
      onLost: () => this.#onLost(),
    };
    const reunion = { hello: () => this.#hello(), onFound: () => this.#share.resume() };
    this.#line = new SupervisorLine(events, directory === undefined ? undefined : { directory, ...reunion });
    const tierSize = new TierSize(this.#pods);
    this.#share = new HostShare({
      line: this.#line,
      hosts: () => tierSize.count,
      mayResume: directory !== undefined,
    });
    // A terminal's Ctrl-C and systemd's stop reach every process of the group; the supervisor tells what to do about it.
    // Without a supervisor nobody else would end it.
    const end = (): void => void (this.#isOrphan && this.#service?.endAtOnce());
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
    for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
  }

  /** Serves until it is told to stop. Resolves with the exit code. */
  async run(): Promise<number> {
    await this.#stopped.promise;
    await this.#changing;
    const service = this.#service;
    if (service === undefined) return this.#end(ExitCode.Done);
    // An address that an orphan held would be missing to the next supervisor.
    const delayMs = this.#isOrphan ? this.#graceMs : service.proxy.config.timeouts.drainDelay;
    const isWhole = await service.drain(delayMs);
    await this.#share.finish(service.records.log);
    await this.#line.report({ kind: 'metrics', snapshot: await service.records.metrics.snapshot() });
    await service.records.close();
    return this.#end(isWhole ? ExitCode.Done : ExitCode.DrainCutShort);
  }

  #end(exitCode: number): number {
    this.#line.hangUp();
    return exitCode;
  }

  #obey(order: Order, handle: SentSocket | undefined): void {
    switch (order.kind) {
      case 'request':
        void this.#answer(order.id, order.request);
        break;
      case 'socket':
        if (handle !== undefined) this.#sockets.put(order.key, handle);
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
      case 'audit':
        this.#share.hear(order);
        break;
      case 'changed':
        this.#service?.proxy.context.cache.drop(order.changed);
        break;
      case 'drain':
        this.#finish();
        break;
      case 'end':
        this.#service?.endAtOnce();
        this.#stopped.resolve();
        break;
    }
  }

  async #answer(id: number, request: Request): Promise<void> {
    try {
      const reply = (await this.#do(request)) as CacheReply | undefined;
      await this.#line.report({ kind: 'answer', id, fault: undefined, reply });
    } catch (error) {
      await this.#line.report({ kind: 'answer', id, fault: faultOf(error) });
    }
  }

  /** Resolves with what there is to say to a question to the cache. */
  #do(request: Request): Promise<unknown> {
    switch (request.what) {
      case 'start':
        return this.#change(() => this.#start(request.order));
      case 'adopt':
        return this.#change(async () => this.#service?.proxy.adopt(deepFreeze(request.config)));
      case 'metrics':
        return this.#tellMetrics();
      case 'leave':
        return this.#leave();
      case 'reopenLogs':
        return this.#service?.records.reopen() ?? Promise.resolve();
      case 'cache':
        return this.#service?.answerCache(request.question) ?? Promise.resolve();
    }
  }

  /** What changes listeners ends before the drain closes them, and leaves no socket open that nobody took. */
  #change(change: () => Promise<void>): Promise<void> {
    const changed = change().finally(() => this.#sockets.close());
    this.#changing = changed.catch(() => {});
    return changed;
  }

  async #start(order: StartOrder): Promise<void> {
    const { config, instance, ticketSecret, adminPort, peers, seat, pods, namespaces } = order;
    this.#instance = instance;
    if (pods !== undefined) this.#pods.take(pods);
    if (namespaces !== undefined) this.#pods.namespaces.take(namespaces);
    const service = new Service(deepFreeze(config), {
      instance,
      ticketSecret,
      limitStore: this.#share.limits.store,
      isLimitStoreUp: () => this.#share.limits.isRedisUp,
      trail: config.log.audit && this.#share.trail,
      standardOutput: this.#share.output,
      pods: this.#pods,
      areProbedElsewhere: true,
      seat,
      takeSocket: (listener) => this.#sockets.take(keyOf(listener)),
      onCacheChanged: (urls) => this.#share.changes.tell(urls),
      onPeerHealth: (report) => void this.#line.report({ kind: 'peer', report }),
    });
    this.#share.limits.open(config, service.records);
    try {
      await service.proxy.start(adminPort);
    } catch (error) {
      await service.abandon();
      await this.#share.limits.close();
      throw withExitCode(error);
    }
    for (const report of peers) service.proxy.learnPeer(report);
    this.#service = service;
  }

  async #tellMetrics(): Promise<void> {
    const snapshot = (await this.#service?.records.metrics.snapshot()) ?? [];
    await this.#line.report({ kind: 'metrics', snapshot });
  }

  /** By the answer the supervisor has all there is, and another may take its place. */
  async #leave(): Promise<void> {
    await this.#changing;
    this.#isLeft = true;
    if (!this.#isOrphan) this.#graceMs = GRACE_MS;
    this.#service?.leave();
    // What systemd does not hold is bound anew by the next one.
    this.#service?.proxy.listeners.stopAccepting(({ socket }) => socket === undefined);
    await this.#share.handOver(this.#service?.records);
    await this.#tellMetrics();
  }

  /** Where the supervisor has handed over, others are about to serve, and say so: until then this one does. */
  #onLost(): void {
    const wasOrphan = this.#isOrphan;
    if (!wasOrphan) this.#leftMs = performance.now();
    this.#isOrphan = true;
    this.#share.lose();
    this.#service?.proxy.context.cache.leave();
    const log = this.#service?.records.log;
    if (this.#isLeft) log?.info('Serving on until the next supervisor does');
    // One that lets nobody in is lost again and again.
    else if (!wasOrphan) log?.error('Lost the supervisor, draining');
    if (this.#isLeft) setTimeout(() => this.#finish(), RELIEF_LIMIT_MS).unref();
    else this.#finish();
    this.#isLeft = false;
  }

  #finish(): void {
    this.#service?.beginDrain();
    if (this.#isOrphan) this.#service?.proxy.listeners.stopAccepting();
    this.#stopped.resolve();
  }

  #hello(): Hello {
    return {
      version: MEETING_VERSION,
      pid: process.pid,
      instance: this.#instance,
      leavingMs: performance.now() - this.#leftMs,
      holdings: this.#share.regain(),
    };
  }
}

/** Serves by what the supervisor says, until it says otherwise. Resolves with the exit code. */
export function runWorker(): Promise<number> {
  return new Worker().run();
}
