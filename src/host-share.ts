/**
 * What a worker has a share of that is one per host: limits, the audit trail, standard output, what is known to have changed. Its
 * supervisor keeps them; when that goes, what the worker has of them is held for the next one, and handed over when that has come.
 */
import { RemoteTrail } from '#audit/remote-trail.ts';
import { Changes } from '#cache/changes.ts';
import type { Holding } from '#limit/lending.ts';
import type { ShareOut } from '#limit/quota.ts';
import type { Log } from '#record/operational-log.ts';
import { OutputGate } from '#supervisor/output-gate.ts';
import type { Order } from '#supervisor/protocol.ts';
import type { SupervisorLine } from '#supervisor/supervisor-line.ts';
import { WorkerLimits } from './worker-limits.ts';

/** Who has finished waits so long for a supervisor, where it has records for the audit trail. */
const LAST_WAIT_MS = 10_000;

export interface HostShareParts {
  readonly line: Pick<SupervisorLine, 'report' | 'isHeard'>;
  /** Among how many hosts limits are shared out. */
  readonly hosts: ShareOut;
  /** Whether another supervisor can be found when this one is gone. */
  readonly mayResume: boolean;
}

export class HostShare {
  readonly limits: WorkerLimits;
  readonly trail: RemoteTrail;
  readonly output = new OutputGate();
  readonly changes: Changes;
  readonly #line: HostShareParts['line'];
  readonly #mayResume: boolean;

  constructor({ line, hosts, mayResume }: HostShareParts) {
    this.#line = line;
    this.#mayResume = mayResume;
    this.limits = new WorkerLimits((asks) => void line.report({ kind: 'limits', asks }), hosts);
    this.changes = new Changes((changed) => line.report({ kind: 'changed', changed }));
    this.trail = new RemoteTrail((batch) => line.report({ kind: 'audit', batch }));
  }

  /** The supervisor tells of what it keeps. */
  hear(order: Extract<Order, { kind: 'limits' | 'audit' }>): void {
    if (order.kind === 'limits') this.limits.receive(order.grants);
    else this.trail.hear(order.news);
  }

  /** The supervisor is about to go: it gets all there is, and what comes then is held. */
  async handOver(records: { flush(): Promise<void> } | undefined): Promise<void> {
    await records?.flush();
    this.output.hold();
    await this.trail.flush();
    this.trail.hold();
  }

  /** The supervisor is gone. */
  lose(): void {
    this.limits.lose();
    if (!this.#mayResume) {
      this.trail.lose();
      return;
    }
    this.output.hold();
    this.trail.hold();
  }

  /** The next supervisor is there. @returns the tunnels that it has to count from the first word on */
  regain(): readonly Holding[] {
    return this.limits.regain();
  }

  /** The next supervisor has heard the first word. */
  resume(): void {
    this.output.sendBy((text) => this.#line.report({ kind: 'lines', text }));
    this.trail.resume();
  }

  /** At the end: hands in what is left, and waits until it is written, or nobody writes it. */
  async finish(log: Pick<Log, 'error'>): Promise<void> {
    await this.limits.close();
    if (this.trail.left > 0 && (await this.#line.isHeard(LAST_WAIT_MS))) {
      await this.trail.flush();
      // A supervisor that cannot write says so itself.
      await this.trail.written().catch(() => {});
    }
    const { left } = this.trail;
    if (left > 0)
      log.error({ records: left }, 'Records for the audit trail were not written before the worker ended');
  }
}
