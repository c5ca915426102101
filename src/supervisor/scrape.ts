/**
 * Answers a scrape for the whole host: asks every worker, waits a moment for those that are busy, and adds up. What supervisors before
 * this one had counted is in the sum.
 */
import { addCounters, mergedMetrics, type Snapshot } from '#record/merged-metrics.ts';
import type { Metrics } from '#record/metrics.ts';
import { keepCounters, takeCounters } from './kept-counters.ts';

/** One of those who count. */
export interface Counting {
  readonly metrics: Snapshot;
  /** Never rejects. */
  refreshMetrics(): Promise<void>;
}

export class Scrape {
  readonly #own: Metrics;
  readonly #workers: () => readonly Counting[];
  /** What those had counted that are gone. */
  readonly #directory: string | undefined;
  #gone: Snapshot;

  /** `own` are the metrics of this process. What others had counted is kept in `directory`; undefined: it begins anew. */
  constructor(own: Metrics, workers: () => readonly Counting[], directory?: string) {
    this.#own = own;
    this.#workers = workers;
    this.#directory = directory;
    this.#gone = directory === undefined ? [] : takeCounters(directory);
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
  keep(worker: Pick<Counting, 'metrics'>): void {
    this.#gone = addCounters(this.#gone, worker.metrics);
  }

  /** Keeps for the next supervisor all that was counted, but by those who bring it themselves. */
  async handOver(): Promise<void> {
    if (this.#directory === undefined) return;
    keepCounters(this.#directory, addCounters(this.#gone, await this.#own.snapshot()));
  }
}
