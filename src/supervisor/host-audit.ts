/** The one audit trail of a host with workers: takes their records, and tells each what of its own is written. */
import type { AuditLog } from '#audit/audit-log.ts';
import type { Body } from '#audit/canonical.ts';
import type { TrailBatch, TrailNews } from '#audit/remote-trail.ts';

/** The trail, and what already stands in it. */
export interface HostTrail {
  readonly log: Pick<AuditLog, 'append' | 'lose' | 'written' | 'isFailing'>;
  /** Those of the last records, of which there are enough for so many to be among them. */
  readonly writtenBodies: (count: number) => Promise<ReadonlySet<Body>>;
}

export class HostAudit<Worker extends object> {
  readonly #log: HostTrail['log'];
  readonly #writtenBodies: HostTrail['writtenBodies'];
  readonly #tell: (worker: Worker, news: TrailNews) => void;
  /** Records that each has sent, and those of them that are written. */
  readonly #taken = new WeakMap<Worker, number>();
  readonly #written = new WeakMap<Worker, number>();
  /** What of each is looked for in the trail; what it sends meanwhile comes behind. */
  readonly #looking = new WeakMap<Worker, Promise<void>>();
  #isClosed = false;

  constructor({ log, writtenBodies }: HostTrail, tell: (worker: Worker, news: TrailNews) => void) {
    this.#log = log;
    this.#writtenBodies = writtenBodies;
    this.#tell = tell;
  }

  /** Puts in what a worker has sent. */
  take(worker: Worker, batch: TrailBatch): void {
    const before = this.#looking.get(worker);
    if (before === undefined && batch.isAgain !== true) {
      this.#put(worker, batch, batch.bodies);
      return;
    }
    const done = (before ?? Promise.resolve()).then(async () => {
      this.#put(worker, batch, batch.isAgain === true ? await this.#missing(batch.bodies) : batch.bodies);
      if (this.#looking.get(worker) === done) this.#looking.delete(worker);
    });
    this.#looking.set(worker, done);
  }

  /** Tells how things are, and that what could not be written before is, as soon as it is. */
  inform(worker: Worker): void {
    this.#tell(worker, this.newsFor(worker));
    if (this.#takenOf(worker) > this.newsFor(worker).written) this.#tellWhenWritten(worker);
  }

  /** The trail is about to be closed. Who sends records all the same, as it was slow to hear of it, keeps them for the next supervisor. */
  close(): void {
    this.#isClosed = true;
  }

  newsFor(worker: Worker): TrailNews {
    return { written: this.#written.get(worker) ?? 0, isFailing: this.#log.isFailing };
  }

  /** `bodies` are those of the batch that are not in the trail. */
  #put(worker: Worker, batch: TrailBatch, bodies: readonly Body[]): void {
    if (this.#isClosed) return;
    if (batch.lost > 0) this.#log.lose(batch.lost);
    const isWhole = bodies.map((body) => this.#log.append(body)).every((isTaken) => isTaken);
    // Nobody may go by what was lost.
    if (!isWhole) this.#tell(worker, { ...this.newsFor(worker), isFailing: true });
    this.#taken.set(worker, this.#takenOf(worker) + batch.bodies.length);
    this.#tellWhenWritten(worker);
  }

  #takenOf(worker: Worker): number {
    return this.#taken.get(worker) ?? 0;
  }

  #tellWhenWritten(worker: Worker): void {
    const taken = this.#takenOf(worker);
    // One that fails tells everybody so by its state.
    this.#log.written().then(
      () => {
        this.#written.set(worker, taken);
        this.#tell(worker, this.newsFor(worker));
      },
      () => {},
    );
  }

  /** Where the trail cannot be read, a record that is there twice is better than one that is not there. */
  async #missing(bodies: readonly Body[]): Promise<readonly Body[]> {
    try {
      // What came from it by a line that broke may still be on its way.
      await this.#log.written();
      const there = await this.#writtenBodies(bodies.length);
      return bodies.filter((body) => !there.has(body));
    } catch {
      return bodies;
    }
  }
}
