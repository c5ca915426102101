/** `weir run` with workers: composes the supervisor with what one process has as well, and gives it the same life. */
import { type Admin, type AdminOptions, startAdmin } from '#admin/server.ts';
import type { AuditLog } from '#audit/audit-log.ts';
import type { Config } from '#config/config.ts';
import { openSharedOutput, type SharedOutput } from '#record/open.ts';
import { Supervisor } from '#supervisor/supervisor.ts';
import { announce } from './announce.ts';
import { auditOf } from './audit-setup.ts';
import { drafting } from './drafting.ts';
import { peersAtFault, podsAtFault } from './readiness.ts';
import { type LifeParts, type Server, untilStopped } from './until-stopped.ts';

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
  const beginAudit = await auditOf(config);
  const output = openSharedOutput({ name: config.name, level: config.log.level });
  let server: SupervisingServer | undefined;
  const audit = beginAudit?.({
    hop: config.name,
    policy: config.hash,
    log: output.log,
    onDrop: (records) => output.metrics.logDropped('audit', records),
    onState: () => server?.spreadAuditState(),
  });
  if (audit !== undefined) output.metrics.host.observeAudit(() => audit.isFailing);
  try {
    const supervisor = new Supervisor({ config, count, draft: drafting(), output, audit });
    server = new SupervisingServer(output, supervisor, audit);
    await server.start(life.signals.stopping);
    return await untilStopped(server, life);
  } finally {
    await audit?.close();
    await output.close();
  }
}

class SupervisingServer implements Server {
  readonly log: Server['log'];
  readonly metrics: Server['metrics'];
  readonly audit: AuditLog | undefined;
  readonly #supervisor: Supervisor;
  #admin: Admin | undefined = undefined;
  #state: 'starting' | 'serving' | 'draining' = 'starting';

  constructor({ log, metrics }: SharedOutput, supervisor: Supervisor, audit: AuditLog | undefined) {
    this.log = log;
    this.metrics = metrics;
    this.#supervisor = supervisor;
    this.audit = audit;
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
      await this.drain();
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

  async reopenLogs(): Promise<void> {
    await this.#supervisor.reopenLogs();
    await this.audit?.reopen();
  }

  #health(): ReturnType<AdminOptions['health']> {
    if (this.#state !== 'serving') return { ready: false, reasons: [this.#state] };
    const reasons = this.#supervisor.workers.length > 0 ? [] : ['no worker serves'];
    reasons.push(...podsAtFault(this.config, this.#supervisor.knownPods));
    reasons.push(...peersAtFault(this.config.admin, this.#supervisor.peers));
    if (this.audit !== undefined && this.config.log.audit?.strict === true && this.audit.isFailing)
      reasons.push('the audit trail cannot be written');
    return { ready: reasons.length === 0, reasons };
  }
}
