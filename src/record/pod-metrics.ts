/** Metrics of who clients are, where pods are watched, and namespaces (docs/metrics.md). */
import { Gauge, type Registry } from 'prom-client';
import { type Tally, tally } from './tally.ts';

/** What is known of one kind of thing now. */
interface KindState {
  readonly count: number;
  readonly ageSeconds: number;
}

/** What is known now; undefined where it is not watched. */
export interface PodState {
  readonly pods: KindState | undefined;
  readonly namespaces: KindState | undefined;
  /** Ready pods of this tier, where limits are shared out among them. */
  readonly sharers: number | undefined;
}

export class PodMetrics {
  /** Each is told why its watch began again. */
  readonly restarts = {
    onRestart: (reason: string): void => {
      this.#restarts.at(reason).value += 1;
    },
    onNamespacesRestart: (reason: string): void => {
      this.#namespacesRestarts.at(reason).value += 1;
    },
  };
  readonly #registry: Registry;
  readonly #unknown: Tally;
  readonly #restarts: Tally;
  readonly #namespacesRestarts: Tally;

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
    this.#namespacesRestarts = tally(registry, {
      name: 'weir_identity_namespaces_restarts_total',
      help: 'Times that the watch of namespaces began again',
      labelNames: ['reason'],
    });
  }

  /** A client is no pod that is known, nor anybody else. */
  unknown(): void {
    this.#unknown.value += 1;
  }

  /** Watches may begin again for these reasons: an alert on their rate is to see the first one. `watched` undefined: there are none. */
  expect(reasons: readonly string[], watched: { readonly watchesNamespaces: boolean } | undefined): void {
    if (watched === undefined) return;
    for (const reason of reasons) {
      this.#restarts.at(reason);
      if (watched.watchesNamespaces) this.#namespacesRestarts.at(reason);
    }
  }

  /** Has the gauges read from `state`; of what is undefined there are none. Call it once. */
  observe(state: () => PodState): void {
    const gauge = (name: string, help: string, read: (state: PodState) => number | undefined): void => {
      new Gauge({
        name: `weir_${name}`,
        help,
        registers: [this.#registry],
        collect() {
          const now = read(state());
          if (now === undefined) this.remove();
          else this.set(now);
        },
      });
    };
    gauge('identity_pods', 'Pods that are known', ({ pods }) => pods?.count);
    gauge(
      'identity_index_age_seconds',
      'How long ago the API server said something, be it that nothing has changed',
      ({ pods }) => pods?.ageSeconds,
    );
    gauge('identity_namespaces', 'Namespaces whose labels are known', ({ namespaces }) => namespaces?.count);
    gauge(
      'identity_namespaces_age_seconds',
      'How long ago the API server said something of namespaces, be it that nothing has changed',
      ({ namespaces }) => namespaces?.ageSeconds,
    );
    gauge(
      'limit_sharers',
      'Ready pods of this tier, each of which has its share of every limit',
      ({ sharers }) => sharers,
    );
  }
}
