/**
 * Metrics in Prometheus' form (docs/metrics.md). Everything about transactions is derived from their records, so that log
 * and metrics cannot disagree; what is a state rather than an event is read when somebody scrapes. No label takes its
 * values from clients.
 */
import { Registry } from 'prom-client';
import { ByteCounts } from './byte-counts.ts';
import { Decisions } from './decisions.ts';
import type { RecordEntry } from './entry.ts';
import { type Foreseen, foresee, foreseeFields } from './foreseen.ts';
import { type Histogram, histogram, histogramsBy } from './histogram.ts';
import { HostMetrics } from './host-metrics.ts';
import type { Snapshot } from './merged-metrics.ts';
import { PodMetrics } from './pod-metrics.ts';
import { registerState, type StateSources } from './state-metrics.ts';
import { type Tally, tally } from './tally.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);
const ESTABLISH_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const REQUEST_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const TUNNEL_BOUNDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200, 86_400];
const PHASES = ['dns', 'connect', 'peer', 'total'] as const;

export class Metrics {
  readonly #registry = new Registry();
  readonly host = new HostMetrics(this.#registry);
  readonly pods = new PodMetrics(this.#registry);
  readonly #requests: Tally;
  readonly #decisions: Decisions;
  readonly #peerFailures: Tally;
  readonly #peerEjections: Tally;
  readonly #refusedRetries: Tally;
  readonly #probes: Tally;
  readonly #dnsQueries: Tally;
  readonly #dnsMixed: Tally;
  readonly #cacheRequests: Tally;
  readonly #forgedFields: Tally;
  readonly #assertions: Tally;
  readonly #limitHits: Tally;
  readonly #wrongCredentials: Tally;
  readonly #refusedConnections: Tally;
  readonly #failedHandshakes: Tally;
  readonly #logDropped: Tally;
  readonly #workerCrashes: Tally;
  readonly #bytes: ByteCounts;
  readonly #establish: Readonly<Record<(typeof PHASES)[number], Histogram>>;
  readonly #requestDuration: Histogram;
  readonly #tunnelDuration: Histogram;
  #beforeReading: () => void = () => {};

  constructor() {
    const count = (name: string, help: string, ...labelNames: readonly string[]): Tally =>
      tally(this.#registry, { name: `weir_${name}_total`, help, labelNames });
    this.#requests = count('requests', 'Transactions that ended', 'listener', 'method', 'outcome', 'reason');
    this.#decisions = new Decisions({
      decisions: count('decisions', 'Decisions of access rules', 'rule', 'verdict', 'mode'),
      refusals: count('refusals', 'Transactions that were refused', 'rule', 'reason'),
    });
    this.#bytes = new ByteCounts(count('bytes', 'Bytes on the connections of clients', 'direction'));
    this.#peerFailures = count('peer_failures', 'Faults of peers', 'peer', 'error');
    this.#peerEjections = count('peer_ejections', 'Times that a peer was left alone as an outlier', 'peer');
    this.#refusedRetries = count('retries_refused', 'Next peers not tried, as too many were', 'route');
    this.#probes = count('probes', 'Looks that hops of ours have taken at this one');
    this.#dnsQueries = count('dns_queries', 'Names looked up', 'result');
    this.#dnsMixed = count('dns_mixed', 'Transactions whose name led to refused addresses and to others');
    this.#cacheRequests = count('cache_requests', 'Requests of rules with a cache', 'result');
    this.#forgedFields = count('forged_hop_headers', 'Fields of hops, from clients that are none', 'header');
    this.#assertions = count('hop_assertions', 'What trusted hops said of their clients', 'result');
    this.#limitHits = count('limit_hits', 'Transactions that a limit refused or cut', 'limit');
    this.#wrongCredentials = count('wrong_credentials', "Transactions whose credentials are nobody's");
    this.#refusedConnections = count('connections_refused', 'Connections for which there was no room');
    this.#failedHandshakes = count('tls_handshakes_failed', 'Failed handshakes of TLS', 'listener', 'cause');
    this.#logDropped = count('log_dropped', 'Log lines lost', 'log');
    this.#workerCrashes = count('worker_crashes', 'Workers that ended unbidden');
    this.#establish = histogramsBy(this.#registry, {
      name: 'weir_establish_seconds',
      help: 'Time until a tunnel or request could go on, by phase',
      bounds: ESTABLISH_BOUNDS,
      label: 'phase',
      values: PHASES,
    });
    this.#requestDuration = histogram(this.#registry, {
      name: 'weir_request_duration_seconds',
      help: 'Duration of plain HTTP requests',
      bounds: REQUEST_BOUNDS,
    });
    this.#tunnelDuration = histogram(this.#registry, {
      name: 'weir_tunnel_duration_seconds',
      help: 'Duration of tunnels',
      bounds: TUNNEL_BOUNDS,
    });
    // There from the start, so that an alert on their rate sees the first one.
    foreseeFields(this.#forgedFields);
    for (const log of ['access', 'audit', 'operational']) this.#logDropped.at(log);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as text. */
  render(): Promise<string> {
    this.#beforeReading();
    return this.#registry.metrics();
  }

  /** All metrics as values, which {@link mergedMetrics} makes one text of. */
  async snapshot(): Promise<Snapshot> {
    this.#beforeReading();
    // Its type of a family lacks what merging needs.
    return (await this.#registry.getMetricsAsJSON()) as unknown as Snapshot;
  }

  /** Has `settle` called before each reading: it counts what waits to be counted. */
  readAfter(settle: () => void): void {
    this.#beforeReading = settle;
  }

  /** Has the gauges read from these sources. Call it once. */
  observeState(sources: StateSources): void {
    registerState(this.#registry, sources);
  }

  /** Counts what the record says. */
  observe(entry: RecordEntry): void {
    if (entry.event === 'open') this.#establish.total.observe(entry.durationMs / 1000);
    else if (entry.event === 'update') this.#bytes.update(entry);
    else this.#observeEnd(entry);
  }

  /** A fault of a peer, whether another one was tried after it or not. */
  peerFailed(peer: string, error: NonNullable<RecordEntry['reason']>): void {
    this.#peerFailures.at(peer).at(error).value += 1;
  }

  /** A peer is left alone for a while, since it fails too often. */
  peerEjected(peer: string): void {
    this.#peerEjections.at(peer).value += 1;
  }

  /** After a fault of a peer the next one was not tried: the route has tried too many. */
  retryRefused(route: string): void {
    this.#refusedRetries.at(route).value += 1;
  }

  /** A hop of ours has looked whether we are here. */
  probed(): void {
    this.#probes.value += 1;
  }

  /** One look-up of a name, and how it was settled. */
  dnsQuery(result: string): void {
    this.#dnsQueries.at(result).value += 1;
  }

  /** A client that is no trusted hop sent a field that only those may send. */
  fieldForged(field: string): void {
    this.#forgedFields.at(field).value += 1;
  }

  /** Has an alert on the rate of these see the first one. */
  foresee(what: Foreseen): void {
    foresee(
      {
        requests: this.#requests,
        handshakes: this.#failedHandshakes,
        limitHits: this.#limitHits,
        assertions: this.#assertions,
        dnsQueries: this.#dnsQueries,
      },
      what,
    );
  }

  /** A trusted hop said who its client is, or did not. */
  assertionSeen(result: string): void {
    this.#assertions.at(result).value += 1;
  }

  /** A limit refused a transaction, or cut it. */
  limitHit(limit: string): void {
    this.#limitHits.at(limit).value += 1;
  }

  /** A client said that it is somebody, and was not. */
  credentialsWrong(): void {
    this.#wrongCredentials.value += 1;
  }

  connectionRefused(): void {
    this.#refusedConnections.value += 1;
  }

  /** TLS with a client did not come about. */
  handshakeFailed(listener: string, cause: string): void {
    this.#failedHandshakes.at(listener).at(cause).value += 1;
  }

  reloaded(result: 'success' | 'failure'): void {
    this.host.reloaded(result);
  }

  logDropped(log: 'access' | 'audit' | 'operational', lines: number): void {
    this.#logDropped.at(log).value += lines;
  }

  workerCrashed(): void {
    this.#workerCrashes.value += 1;
  }

  #observeEnd(entry: RecordEntry): void {
    const { method, reason, status, durationMs } = entry;
    const knownMethod = method !== undefined && METHODS.has(method) ? method : 'other';
    const outcome = entry.outcome ?? 'completed';
    this.#requests
      .at(entry.listener)
      .at(knownMethod)
      .at(outcome)
      .at(reason ?? 'none').value += 1;
    this.#decisions.end(entry);
    if (entry.cache !== undefined) this.#cacheRequests.at(entry.cache).value += 1;
    if (entry.answers?.isMixed === true) this.#dnsMixed.value += 1;
    this.#bytes.end(entry);
    this.#observePhases(entry);
    if (isTunnel(method, status)) this.#tunnelDuration.observe(durationMs / 1000);
    else if (method !== undefined && method !== 'CONNECT') this.#requestDuration.observe(durationMs / 1000);
  }

  #observePhases({ dnsMs, connectMs, peer }: RecordEntry): void {
    if (dnsMs !== undefined) this.#establish.dns.observe(dnsMs / 1000);
    if (connectMs === undefined) return;
    const phase = peer === undefined ? this.#establish.connect : this.#establish.peer;
    phase.observe(connectMs / 1000);
  }
}

function isTunnel(method: string | undefined, status: number): boolean {
  return status === 101 || (method === 'CONNECT' && status >= 200 && status < 300);
}
