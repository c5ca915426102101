/** One process that serves all by itself: the proxy and its admin server, from their start to their end. */
import process from 'node:process';
import { type Admin, type AdminOptions, startAdmin } from '#admin/server.ts';
import type { Config } from '#config/config.ts';
import { announce } from './announce.ts';
import { auditAtFault, peersAtFault, podsAtFault } from './readiness.ts';
import type { Server } from './server.ts';
import type { Service } from './service.ts';

export class LoneServer implements Server {
  readonly #service: Service;
  #admin: Admin | undefined = undefined;
  #state: 'starting' | 'serving' | 'draining' = 'starting';

  constructor(service: Service) {
    this.#service = service;
  }

  get log(): Server['log'] {
    return this.#service.records.log;
  }

  get metrics(): Server['metrics'] {
    return this.#service.records.metrics;
  }

  get audit(): Server['audit'] {
    return this.#service.records.audit;
  }

  get config(): Config {
    return this.#service.proxy.config;
  }

  /** @throws {Error} why it does not serve; nothing is left open */
  async start(stopping: AbortSignal): Promise<void> {
    try {
      await this.#open();
      stopping.throwIfAborted();
    } catch (error) {
      await this.#abandon();
      throw error;
    }
    this.#state = 'serving';
    this.#announce();
  }

  async #open(): Promise<void> {
    const { config, log } = this;
    const { proxy, records } = this.#service;
    // Before any traffic, which must not reach it: the guard is told its port.
    this.#admin = await startAdmin({
      ...config.admin,
      health: () => this.#health(),
      metrics: records.metrics,
      inForce: () => proxy.context.generation,
      log,
    });
    await proxy.start(this.#admin.address.port);
  }

  #announce(): void {
    const { config, log } = this;
    const { address: admin } = this.#admin as Admin;
    const { all } = this.#service.proxy.listeners;
    announce({
      log,
      config,
      listeners: all.map(({ options: { name }, address }) => ({ name, address })),
      admin,
    });
  }

  /** Gives up what had been opened: a listener left open would keep the process alive. */
  async #abandon(): Promise<void> {
    await this.#service.abandon();
    await this.#admin?.close();
  }

  adopt(config: Config): Promise<void> {
    return this.#service.adopt(config);
  }

  async askCaches(question: Parameters<Server['askCaches']>[0]): ReturnType<Server['askCaches']> {
    // A disk may fail meanwhile: that is no answer, as of a worker.
    return [{ pid: process.pid, reply: await this.#service.answerCache(question).catch(() => undefined) }];
  }

  beginDrain(): void {
    this.#state = 'draining';
    this.#service.beginDrain();
  }

  async drain(): Promise<boolean> {
    const isWhole = await this.#service.drain(this.config.timeouts.drainDelay);
    await this.#admin?.close();
    return isWhole;
  }

  endAtOnce(): void {
    this.#service.endAtOnce();
  }

  reopenLogs(): Promise<void> {
    return this.#service.records.reopen();
  }

  #health(): ReturnType<AdminOptions['health']> {
    if (this.#state !== 'serving') return { ready: false, reasons: [this.#state] };
    const { peers } = this.#service.proxy.context.generation;
    const reasons = [
      ...podsAtFault(this.config, this.#service.pods),
      ...peersAtFault(this.config.admin, peers.values()),
      ...auditAtFault(this.#service.records.auditor),
    ];
    return { ready: reasons.length === 0, reasons };
  }
}
