/** Metrics of who clients are, where pods are watched (docs/metrics.md). */
import { Gauge, type Registry } from 'prom-client';
import { type Tally, tally } from './tally.ts';

/** What is known of pods now. */
export interface PodState {
  readonly pods: number;
  readonly ageSeconds: number;
  /** Ready pods of this tier, where limits are shared out among them. */
  readonly sharers: number | undefined;
}

export class PodMetrics {
  readonly #registry: Registry;
  readonly #unknown: Tally;
  readonly #restarts: Tally;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#unknown = tally(registry, {
      name: 'weir_identity_unknown_total',
      help: 'Transactions of clients that are no pod that is known',
      labelNames: [],
    });
    this.#restarts = tally(registry, {
      name: 'weir_identity_watch_restarts_total',
      help: 'Times that the watch of pods began again',
      labelNames: ['reason'],
    });
  }

  /** A client is no pod that is known, nor anybody else. */
  unknown(): void {
    this.#unknown.value += 1;
  }

  /** The watch may begin again for these reasons: an alert on their rate is to see the first one. */
  expect(reasons: readonly string[]): void {
    for (const reason of reasons) this.#restarts.at(reason);
  }

  restarted(reason: string): void {
    this.#restarts.at(reason).value += 1;
  }

  /** Has the gauges read from `state`; where that is undefined there are none. Call it once. */
  observe(state: () => PodState | undefined): void {
    const gauge = (name: string, help: string, read: (state: PodState) => number | undefined): void => {
      new Gauge({
        name: `weir_${name}`,
        help,
        registers: [this.#registry],
        collect() {
          const now = state();
          const value = now && read(now);
          if (value === undefined) this.remove();
          else this.set(value);
        },
      });
    };
    gauge('identity_pods', 'Pods that are known', ({ pods }) => pods);
    gauge(
      'identity_index_age_seconds',
      'How long ago the API server said something, be it that nothing has changed',
      ({ ageSeconds }) => ageSeconds,
    );
    gauge(
      'limit_sharers',
      'Ready pods of this tier, each of which has its share of every limit',
      ({ sharers }) => sharers,
    );
  }
}
