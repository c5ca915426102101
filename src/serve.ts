/**
 * The composition root of `weir run`: loads the configuration, and serves by it in this process, or in workers where it asks
 * for more than one. Decides nothing about traffic.
 */
import { type Admin, type AdminOptions, startAdmin } from '#admin/server.ts';
import { configIn } from '#config/built-in.ts';
import type { Config } from '#config/config.ts';
import { countOfWorkers, type Workers } from '#config/workers.ts';
import { announce } from './announce.ts';
import { peersAtFault } from './readiness.ts';
import { Service } from './service.ts';
import type { Signals } from './signals.ts';
import { supervise } from './supervise.ts';
import { type LifeParts, type Server, untilStopped } from './until-stopped.ts';

export interface ServeOptions {
  /** Undefined: the built-in configuration. */
  readonly configFile: string | undefined;
  /** In place of what the configuration says. */
  readonly workers?: Workers | undefined;
  readonly signals: Signals;
}

/**
 * Serves until a signal says otherwise. Resolves with the exit code.
 * @throws {ConfigError} the configuration cannot be loaded
 * @throws {BindFault} an address cannot be bound
 * @throws {UnsuitableNode} this is not a Node for Weir
 * @throws {StoppedAtStart} a signal came before it served
 * @throws {Error} with `exitCode` 78: a log file cannot be opened
 */
export async function serve({ configFile, workers, signals }: ServeOptions): Promise<number> {
  const load = async (): Promise<Config> => {
    const config = await configIn(configFile);
    return workers === undefined ? config : Object.freeze({ ...config, workers });
  };
  const config = await load();
  signals.stopping.throwIfAborted();
  const count = countOfWorkers(config.workers);
  const life = { load, signals };
  return count === 1 ? await serveAlone(config, life) : await supervise({ config, count, ...life });
}

/** No supervisor and no worker: one process does it all. */
async function serveAlone(config: Config, life: LifeParts): Promise<number> {
  const service = new Service(config);
  const server = new LoneServer(service);
  await server.start(life.signals.stopping);
  const exitCode = await untilStopped(server, life);
  await service.records.close();
  return exitCode;
}

class LoneServer implements Server {
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
    return this.#service.proxy.adopt(config);
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
    const reasons = peersAtFault(this.config.admin, peers.values());
    return { ready: reasons.length === 0, reasons };
  }
}
