/** What a subject is: a way from the load generator to the origin, with processes of its own whose cost is counted. */
import type { Address, OriginPorts } from '../load/job.ts';

/** A name that policies judge; every subject that resolves names by itself is asked for it, and it leads to this machine. */
export const ORIGIN_NAME = 'login.microsoft.com';
export const HOST = '127.0.0.1';

/** A way that is ready to be used. */
export interface Way extends AsyncDisposable {
  /** Absent where nothing lies between. */
  readonly via?: Address;
  /** Host to ask for. */
  readonly host: string;
  /** Whose processor time and memory is counted, with all processes below them. */
  readonly pids: readonly number[];
}

/** What a subject must know before it starts. */
export interface Setting {
  readonly ports: OriginPorts;
  /** Number of domains in the list of those that have one, for sweeps; undefined: as in the example. */
  readonly domains: number | undefined;
  /** Milliseconds between the tiers of a chain, there and back. @default none, as they are on one machine */
  readonly roundTripMs?: number | undefined;
}

export interface Subject {
  readonly name: string;
  readonly title: string;
  /** What it is and how it is set up, for the reader of results. */
  readonly story: string;
  /** Why it cannot be started on this machine; undefined where it can. */
  missing?(): string | undefined;
  start(setting: Setting): Promise<Way>;
}

/** Those that take part in what every proxy can do; the names of others are only in the workloads that are about them. */
export const SUBJECT_NAMES = [
  'direct',
  'relay',
  'weir',
  'weir-two-tier',
  'squid',
  'squid-two-tier',
  'tinyproxy',
  'traffic-server',
  'proxy-chain',
] as const;

export type SubjectName = (typeof SUBJECT_NAMES)[number];
