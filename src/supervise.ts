/** `weir run` with workers: composes the supervisor with what one process has as well, and gives it the same life. */
import process from 'node:process';
import { type Admin, type AdminOptions, startAdmin } from '#admin/server.ts';
import type { Config } from '#config/config.ts';
import { runtimeDirectory } from '#config/runtime-directory.ts';
import { openSharedOutput, type SharedOutput } from '#record/open.ts';
import { Supervisor } from '#supervisor/supervisor.ts';
import { announce } from './announce.ts';
import { drafting } from './drafting.ts';
import { hostTrailOf, type OpenTrail } from './host-trail.ts';
import { auditAtFault, peersAtFault, podsAtFault } from './readiness.ts';
import { type LifeParts, untilStopped } from './until-stopped.ts';

export interface SuperviseOptions extends LifeParts {
  readonly config: Config;
  /** How many workers. */
  readonly count: number;
}

/**
 * Serves by workers until a signal says otherwise. Resolves with the exit code.
 * @throws {BindFault} an address cannot be bound
 * @throws {PassedSocketFault} a socket was not handed over
 * @throws {UnsuitableNode} this is not a Node for Weir
 * @throws {StoppedAtStart} a signal came before it served
 * @throws {WorkerFault} with the `exitCode` of what keeps a worker from serving
 */
export async function supervise({ config, count, ...life }: SuperviseOptions): Promise<number> {
  const beginTrail = await hostTrailOf(config);
  const output = openSharedOutput({ name: config.name, level: config.log.level });
  let server: SupervisingServer | undefined;
  const trail = beginTrail?.(output, () => server?.spreadAuditState());
  if (trail !== undefined) output.metrics.host.observeAudit(() => trail.log.isFailing);
  try {
    const parts = { config, count, draft: drafting(), output, audit: trail, directory: runtimeDirectory() };
    server = new SupervisingServer(output, new Supervisor(parts), trail);
    await server.start(life.signals.stopping);
    return await untilStopped(server, life);
  } finally {
    await trail?.close();
    await output.close();
  }
}

type Server = Parameters<typeof untilStopped>[0];

class SupervisingServer implements Server {
  readonly log: Server['log'];
  readonly metrics: Server['metrics'];
  readonly #trail: OpenTrail | undefined;
  readonly #supervisor: Supervisor;
  #admin: Admin | undefined = undefined;
  #state: 'starting' | 'serving' | 'draining' = 'starting';

  constructor({ log, metrics }: SharedOutput, supervisor: Supervisor, trail: OpenTrail | undefined) {
    this.log = log;
    this.metrics = metrics;
    this.#supervisor = supervisor;
    this.#trail = trail;
  }

  get audit(): Server['audit'] {
    return this.#trail?.log;
  }

  spreadAuditState(): void {
    this.#supervisor.spreadAuditState();
  }

  get config(): Config {
    return this.#supervisor.config;
  }

  /** @throws {Error} why it does not serve; nothing is left open */
  async start(stopping: AbortSignal): Promise<void> {
    const end = (): void => this.endAtOnce();
    stopping.addEventListener('abort', end);
    try {
      await this.#open();
      stopping.throwIfAborted();
    } catch (error) {
      await this.#finish();
      // That workers ended is then no fault.
      stopping.throwIfAborted();
      throw error;
    } finally {
      stopping.removeEventListener('abort', end);
    }
    this.#state = 'serving';
    this.#announce();
  }

  async #open(): Promise<void> {
    const { config, log } = this;
    this.#admin = await startAdmin({
      ...config.admin,
      health: () => this.#health(),
      metrics: this.#supervisor.scrape,
      inForce: () => ({ config: this.config }),
      log,
    });
    await this.#supervisor.start(this.#admin.address.port);
  }

  #announce(): void {
    const { config, log } = this;
    const { listeners, workers } = this.#supervisor;
    const { address: admin } = this.#admin as Admin;
    announce({ log, config, listeners, admin, workers });
  }

  adopt(config: Config): Promise<void> {
    return this.#supervisor.adopt(config);
  }

  askCaches(question: Parameters<Server['askCaches']>[0]): ReturnType<Server['askCaches']> {
    return this.#supervisor.caches.ask(question);
  }

  beginDrain(): void {
    this.#state = 'draining';
  }

  get endsAtOnce(): boolean {
    return handsOver(this.config);
  }

  /** Where systemd holds the sockets, the next main process starts when this one has ended: so it does, and its workers finish alone. */
  async drain(): Promise<boolean> {
    if (!this.endsAtOnce) return await this.#finish();
    await Promise.all([this.#supervisor.leave(), this.#admin?.close()]);
    // What is acknowledged is written, and what is written is acknowledged: the next supervisor gets the rest once more.
    await this.#trail?.close();
    await this.#supervisor.part();
    this.log.info('Handed over: the workers finish what is open');
    return true;
  }

  async #finish(): Promise<boolean> {
    const isWhole = await this.#supervisor.drain();
    await this.#admin?.close();
    return isWhole;
  }

  endAtOnce(): void {
    this.#supervisor.endAtOnce();
  }

  async reopenLogs(): Promise<void> {
    await this.#supervisor.reopenLogs();
    await this.#trail?.log.reopen();
  }

  #health(): ReturnType<AdminOptions['health']> {
    if (this.#state !== 'serving') return { ready: false, reasons: [this.#state] };
    const reasons = this.#supervisor.workers.length > 0 ? [] : ['no worker serves'];
    reasons.push(...podsAtFault(this.config, this.#supervisor.knownPods));
    reasons.push(...peersAtFault(this.config.admin, this.#supervisor.peers));
    reasons.push(...auditAtFault(this.#trail));
    return { ready: reasons.length === 0, reasons };
  }
}

/** The first process of a container takes all others with it. */
function handsOver({ listeners }: Config): boolean {
  return process.pid !== 1 && listeners.some(({ socket }) => socket !== undefined);
}
