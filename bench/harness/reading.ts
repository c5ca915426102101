/** What one round of one subject under one workload yields: numbers by metric. Times in seconds, sizes in bytes. */

export const METRICS = [
  /** Processor seconds of all the proxy's processes for each unit of work. */
  'cpu',
  /** Units per second. */
  'throughput',
  'p50',
  'p90',
  'p99',
  'p999',
  'max',
  /** Resident memory of the proxy after the work. */
  'rss',
  /** Growth of that memory for each idle tunnel. */
  'rssPerTunnel',
  /** Seconds from a client's `connect` to the 200, and to the echo of its first bytes: of the tunnel in the middle. */
  'opened',
  'echoed',
  /** The same as multiples of the round trip between the tiers. */
  'openedTrips',
  'echoedTrips',
  /** Seconds for each decision. */
  'decision',
  /** Parts of one core that the load generator and the origin were busy. */
  'generatorShare',
  'originShare',
] as const;

export type Metric = (typeof METRICS)[number];
export type Readings = Readonly<Partial<Record<Metric, number>>>;

/** Readings with the level of the sweep that they belong to, where there is one: open tunnels, or domains. */
export interface Sample {
  readonly level?: number;
  readonly readings: Readings;
}

export interface Observation extends Sample {
  readonly workload: string;
  readonly subject: string;
  readonly round: number;
}
