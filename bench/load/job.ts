/**
 * What the harness asks of the load generator and hears back. Shared by processes, so it holds types only. Times are seconds,
 * a GB is 10^9 bytes.
 */

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where to connect, and through which proxy; without `via`, straight. */
export interface Path {
  readonly target: Address;
  readonly via?: Address;
}

/** `count` times: open a tunnel, send 64 bytes, get them back, close; `parallel` at a time. */
export interface TunnelsJob extends Path {
  readonly kind: 'tunnels';
  readonly count: number;
  readonly parallel: number;
}

/** The same, but one begins every `1 / perSecond`, whether those before have ended or not. */
export interface RateJob extends Path {
  readonly kind: 'rate';
  readonly count: number;
  readonly perSecond: number;
}

/** Move `bytes`, split evenly over `tunnels` that run at once. */
export interface BulkJob extends Path {
  readonly kind: 'bulk';
  readonly direction: 'down' | 'up';
  readonly tunnels: number;
  readonly bytes: number;
  /** The receiver compares every byte, which costs time: for the proof before the measurement. */
  readonly isCompared: boolean;
}

/** Have exactly `count` idle tunnels open on this path: opens what is missing, closes what is too many. */
export interface HoldJob extends Path {
  readonly kind: 'hold';
  readonly count: number;
}

/** `amount` requests over `connections` that are kept alive, by autocannon. */
export interface HttpJob extends Path {
  readonly kind: 'http';
  readonly method: 'GET' | 'POST';
  /** Path at the origin: for GET the number of bytes wanted. */
  readonly path: string;
  readonly bodyBytes: number;
  readonly answerBytes: number;
  readonly connections: number;
  readonly amount: number;
}

/** Two requests on one connection whose bodies are compared byte by byte. */
export interface HttpProofJob extends Path {
  readonly kind: 'http-proof';
  readonly method: 'GET' | 'POST';
  readonly bytes: number;
  /** The second answer has to be the first, from a cache. @default false */
  readonly isKept?: boolean;
}

/** All of `jobs` at once. */
export interface MixedJob {
  readonly kind: 'mixed';
  readonly jobs: readonly Job[];
}

export type Job = TunnelsJob | RateJob | BulkJob | HoldJob | HttpJob | HttpProofJob | MixedJob;

/** Percentiles of an HDR histogram. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What a job says of itself beyond that it went well. */
export interface Told {
  /** Where the job knows its end better than whoever waits for it. */
  readonly seconds?: number;
  readonly latency?: Latency;
  /** Of tunnels: until the way to the target was open, which with a proxy is its 200. */
  readonly opening?: Latency;
}

/** Either how long the whole job took, or why it is void. */
export type Result = (Told & { readonly seconds: number }) | { readonly fault: string };

/** Ports of the origin, each for one kind of work. */
export interface OriginPorts {
  /** Sends back what it gets. */
  readonly echo: number;
  /** Sends or takes as many bytes as the first line says. */
  readonly bulk: number;
  readonly http: number;
}
