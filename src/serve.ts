/**
 * The composition root of `weir run`: loads the configuration, and serves by it in this process, or in workers where it asks
 * for more than one. Decides nothing about traffic.
 */
import { type Admin, type AdminOptions, startAdmin } from '#admin/server.ts';
import { configIn } from '#config/built-in.ts';
import type { Config } from '#config/config.ts';
import { countOfWorkers, type Workers } from '#config/workers.ts';
import { announce } from './announce.ts';
import { Service } from './service.ts';
import { supervise } from './supervise.ts';
import { type Server, untilStopped } from './until-stopped.ts';

export interface ServeOptions {
  /** Undefined: the built-in configuration. */
  readonly configFile: string | undefined;
  /** In place of what the configuration says. */
  readonly workers?: Workers | undefined;
}

/**
 * Serves until a signal says otherwise. Resolves with the exit code.
 * @throws {ConfigError} the configuration cannot be loaded
 * @throws {BindFault} an address cannot be bound
 * @throws {UnsuitableNode} this is not a Node for Weir
 * @throws {Error} with `exitCode` 78: a log file cannot be opened
 */
export async function serve({ configFile, workers }: ServeOptions): Promise<number> {
  const load = async (): Promise<Config> => {
    const config = await configIn(configFile);
    return workers === undefined ? config : Object.freeze({ ...config, workers });
  };
  const config = await load();
  const count = countOfWorkers(config.workers);
  return count === 1 ? await serveAlone(config, load) : await supervise({ config, load, count });
}

/** No supervisor and no worker: one process does it all. */
async function serveAlone(config: Config, load: () => Promise<Config>): Promise<number> {
  const service = new Service(config);
  const server = new LoneServer(service);
  try {
    await server.start();
  } catch (error) {
    await server.abandon();
    throw error;
  }
  const exitCode = await untilStopped(server, load);
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

  /** @throws {Error} where an address cannot be bound */
  async start(): Promise<void> {
    const { config, log } = this;
    const { proxy, records } = this.#service;
    // Before any traffic, which must not reach it: the guard is told its port.
    this.#admin = await startAdmin({
      ...config.admin,
      health: () => this.#health(),
      metrics: records.metrics,
      log,
    });
    const { address: admin } = this.#admin;
    await proxy.start(admin.port);
    this.#state = 'serving';
    const listeners = proxy.listeners.all.map(({ options, address }) => ({ name: options.name, address }));
    announce({ log, config, listeners, admin });
  }

  /** Gives up what {@link start} had opened when it failed: a listener left open would keep the process alive. */
  async abandon(): Promise<void> {
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
    const ready = this.#state === 'serving';
    return { ready, reasons: ready ? [] : [this.#state] };
  }
}
