/** The one audit trail of a host with workers: takes their records, and tells each what of its own is written. */
import type { AuditLog } from '#audit/audit-log.ts';
import type { TrailBatch, TrailNews } from '#audit/remote-trail.ts';

export class HostAudit<Worker extends object> {
  readonly #log: Pick<AuditLog, 'append' | 'lose' | 'written' | 'isFailing'>;
  readonly #tell: (worker: Worker, news: TrailNews) => void;
  /** Records that each has sent, and those of them that are written. */
  readonly #taken = new WeakMap<Worker, number>();
  readonly #written = new WeakMap<Worker, number>();

  constructor(
    log: Pick<AuditLog, 'append' | 'lose' | 'written' | 'isFailing'>,
    tell: (worker: Worker, news: TrailNews) => void,
  ) {
    this.#log = log;
    this.#tell = tell;
  }

  /** Puts in what a worker has sent. */
  take(worker: Worker, { bodies, lost }: TrailBatch): void {
    if (lost > 0) this.#log.lose(lost);
    const isWhole = bodies.map((body) => this.#log.append(body)).every((isTaken) => isTaken);
    // Nobody may go by what was lost.
    if (!isWhole) this.#tell(worker, { written: this.#written.get(worker) ?? 0, isFailing: true });
    const taken = (this.#taken.get(worker) ?? 0) + bodies.length;
    this.#taken.set(worker, taken);
    // One that fails tells everybody so by its state.
    this.#log.written().then(
      () => {
        this.#written.set(worker, taken);
        this.inform(worker);
      },
      () => {},
    );
  }

  /** Tells how things are. */
  inform(worker: Worker): void {
    this.#tell(worker, { written: this.#written.get(worker) ?? 0, isFailing: this.#log.isFailing });
  }
}
