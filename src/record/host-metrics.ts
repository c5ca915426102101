/** Metrics of the process and its host rather than of transactions: Node's own, reloads, and whether the audit trail can be written. */
import { Gauge, type Registry } from 'prom-client';
import { registerProcessMetrics } from './process-metrics.ts';
import { type Tally, tally } from './tally.ts';

type ReloadResult = 'success' | 'failure';

export class HostMetrics {
  readonly #registry: Registry;
  readonly #reloads: Tally;
  readonly #cachePurges: Tally;
  #isLastReloadGood = true;

  constructor(registry: Registry) {
    this.#registry = registry;
    registerProcessMetrics(registry);
    this.#reloads = tally(registry, {
      name: 'weir_reloads_total',
      help: 'Attempts to reload the configuration',
      labelNames: ['result'],
    });
    this.#cachePurges = tally(registry, {
      name: 'weir_cache_purges_total',
      help: 'Times that weir cache purge was asked for',
      labelNames: ['result'],
    });
    // There from the start, so that an alert on their rate sees the first one.
    for (const result of ['success', 'failure']) this.#reloads.at(result);
    this.#gauge('last_reload_successful', 'Whether the last reload succeeded, or none was tried', () =>
      Number(this.#isLastReloadGood),
    );
  }

  reloaded(result: ReloadResult): void {
    this.#reloads.at(result).value += 1;
    this.#isLastReloadGood = result === 'success';
  }

  cachePurged(result: string): void {
    this.#cachePurges.at(result).value += 1;
  }

  /** There is an audit trail, and `isFailing` tells whether it can not be written now. Call it once. */
  observeAudit(isFailing: () => boolean): void {
    this.#gauge('audit_failing', 'Whether the audit trail cannot be written now', () => Number(isFailing()));
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `weir_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}
