/**
 * One scrape for several processes: their metrics merged series by series. Counters and histograms are summed; a gauge is
 * summed where it counts, and else it is that of the process which is worst off. What a process has counted stays in the
 * sum when it is gone, so that no counter ever goes back.
 */
import { AggregatorRegistry } from 'prom-client';

type Aggregator = 'sum' | 'min' | 'max' | 'average' | 'first' | 'omit';

/** One metric of one process with its series. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: Aggregator;
  readonly values: readonly Series[];
}

interface Series {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** All metrics of one process at one moment; plain values that can be sent to another. */
export type Snapshot = readonly Family[];

/** How gauges are merged that are not summed. */
const AGGREGATORS: Readonly<Record<string, Aggregator>> = {
  // Of the supervisor, which is the eldest.
  process_start_time_seconds: 'min',
  // Each process has the limit for itself; the fullest one is the first to meet it.
  process_open_fds: 'max',
  process_max_fds: 'min',
  weir_peer_up: 'min',
  weir_peer_reachable: 'min',
  weir_peer_authorised: 'min',
  weir_peer_egress: 'min',
  // It is so as soon as one of them finds it.
  weir_peer_ejected: 'max',
  weir_route_degraded: 'max',
  // Each process knows all pods, and all namespaces.
  weir_identity_pods: 'max',
  weir_identity_index_age_seconds: 'max',
  weir_identity_namespaces: 'max',
  weir_identity_namespaces_age_seconds: 'max',
  // Told by the process that reloads and by the one that writes the trail; the others have nothing to say.
  weir_last_reload_successful: 'min',
  weir_audit_failing: 'max',
  weir_limit_sharers: 'max',
  weir_limit_store_up: 'min',
  weir_cache_disk_up: 'min',
  weir_policy_info: 'max',
  weir_rule_expires_timestamp_seconds: 'max',
  weir_certificate_expires_timestamp_seconds: 'max',
};
const LAG = /^nodejs_eventloop_lag_(?!min)/;

/** Text of the merged metrics in Prometheus' form. */
export async function mergedMetrics(snapshots: readonly Snapshot[]): Promise<string> {
  return await AggregatorRegistry.aggregate(
    snapshots.map((families) => families.map(withAggregator)),
  ).metrics();
}

/** What must not go back when its process is gone, added to `sum`. */
export function addCounters(sum: Snapshot, gone: Snapshot): Snapshot {
  const counters = gone.filter(({ type }) => type === 'counter' || type === 'histogram');
  // It hands back the families it made, for all that its type says of their class.
  const families = AggregatorRegistry.aggregate([
    [...sum],
    counters,
  ]).getMetricsAsArray() as unknown as Snapshot;
  return families.map(({ name, help, type, aggregator, values }) => ({
    name,
    help,
    type,
    aggregator,
    values,
  }));
}

function withAggregator(family: Family): Family {
  const aggregator = AGGREGATORS[family.name] ?? (LAG.test(family.name) ? 'max' : family.aggregator);
  return { ...family, aggregator };
}
