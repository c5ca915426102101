/** `weir run` with workers: composes the supervisor with what one process has as well, and gives it the same life. */
import { type Admin, type AdminOptions, startAdmin } from '#admin/server.ts';
import type { Config } from '#config/config.ts';
import { openSharedOutput, type SharedOutput } from '#record/open.ts';
import { Supervisor } from '#supervisor/supervisor.ts';
import { announce } from './announce.ts';
import { type Server, untilStopped } from './until-stopped.ts';

export interface SuperviseOptions {
  readonly config: Config;
  /** How many workers. */
  readonly count: number;
  readonly load: () => Promise<Config>;
}

/**
 * Serves by workers until a signal says otherwise. Resolves with the exit code.
 * @throws {BindFault} an address cannot be bound
 * @throws {UnsuitableNode} this is not a Node for Weir
 * @throws {WorkerFault} with the `exitCode` of what keeps a worker from serving
 */
export async function supervise({ config, count, load }: SuperviseOptions): Promise<number> {
  const output = openSharedOutput({ name: config.name, level: config.log.level });
  try {
    const server = new SupervisingServer(output, new Supervisor({ config, count, output }));
    await server.start();
    return await untilStopped(server, load);
  } finally {
    await output.close();
  }
}

class SupervisingServer implements Server {
  readonly log: Server['log'];
  readonly metrics: Server['metrics'];
  readonly #supervisor: Supervisor;
  #admin: Admin | undefined = undefined;
  #state: 'starting' | 'serving' | 'draining' = 'starting';

  constructor({ log, metrics }: SharedOutput, supervisor: Supervisor) {
    this.log = log;
    this.metrics = metrics;
    this.#supervisor = supervisor;
  }

  get config(): Config {
    return this.#supervisor.config;
  }

  /** @throws {Error} why it cannot serve; nothing is left open */
  async start(): Promise<void> {
    const { config, log } = this;
    try {
      this.#admin = await startAdmin({
        ...config.admin,
        health: () => this.#health(),
        metrics: this.#supervisor.scrape,
        log,
      });
      const { address: admin } = this.#admin;
      await this.#supervisor.start(admin.port);
      this.#state = 'serving';
      const { listeners, workers } = this.#supervisor;
      announce({ log, config, listeners, admin, workers });
    } catch (error) {
      await this.drain();
      throw error;
    }
  }

  adopt(config: Config): Promise<void> {
    return this.#supervisor.adopt(config);
  }

  beginDrain(): void {
    this.#state = 'draining';
  }

  async drain(): Promise<boolean> {
    const isWhole = await this.#supervisor.drain();
    await this.#admin?.close();
    return isWhole;
  }

  endAtOnce(): void {
    this.#supervisor.endAtOnce();
  }

  reopenLogs(): Promise<void> {
    return this.#supervisor.reopenLogs();
  }

  #health(): ReturnType<AdminOptions['health']> {
    if (this.#state !== 'serving') return { ready: false, reasons: [this.#state] };
    const ready = this.#supervisor.workers.length > 0;
    return { ready, reasons: ready ? [] : ['no worker serves'] };
  }
}
