/** Answers a scrape for the whole host: asks every worker, waits a moment for those that are busy, and adds up. */
import { addCounters, mergedMetrics, type Snapshot } from '#record/merged-metrics.ts';
import type { Metrics } from '#record/metrics.ts';
import type { WorkerProcess } from './worker-process.ts';

export class Scrape {
  readonly #own: Metrics;
  readonly #workers: () => readonly WorkerProcess[];
  /** What those had counted that are gone. */
  #gone: Snapshot = [];

  /** `own` are the metrics of this process. */
  constructor(own: Metrics, workers: () => readonly WorkerProcess[]) {
    this.#own = own;
    this.#workers = workers;
  }

  get contentType(): string {
    return this.#own.contentType;
  }

  /** All metrics as text; those of a worker that does not answer are the last that it told. */
  async render(): Promise<string> {
    const [own] = await Promise.all([
      this.#own.snapshot(),
      ...this.#workers().map((worker) => worker.refreshMetrics()),
    ]);
    return mergedMetrics([own, this.#gone, ...this.#workers().map(({ metrics }) => metrics)]);
  }

  /** Keeps what a worker had counted that is gone. */
  keep(worker: WorkerProcess): void {
    this.#gone = addCounters(this.#gone, worker.metrics);
  }
}
