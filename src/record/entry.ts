/**
 * The access record: the one contract between what happens to a transaction and who writes it down. Field names and
 * meaning are those of docs/access-log.md; log lines and metrics are renderings of this value and of nothing else.
 */
import type { Outcome, Reason } from '#errors.ts';

export type RecordEvent = 'open' | 'update' | 'end';
/**
 * What the cache did. `stale`: used over its time; `revalidated`: the next hop said that it is still good; `bypass`: the request is
 * of a kind that is never answered from it.
 */
export type CacheResult = 'hit' | 'miss' | 'stale' | 'revalidated' | 'bypass';
export type ClosedBy = 'client' | 'upstream' | 'proxy';

/** A rule in report mode, and what it would have said. */
export interface ReportedRule {
  readonly rule: string;
  readonly verdict: 'allow' | 'deny';
}

/** What a name led to, where not all of it may be dialled; each list has its first few. */
export interface Answers {
  /** Every address, kept or refused. */
  readonly all: readonly string[];
  /** Those that were refused, each with why in parentheses. */
  readonly refused: readonly string[];
  /** The guard refused some and not all: what rebinding of a name looks like. */
  readonly isMixed: boolean;
}

export interface RecordEntry {
  /** Milliseconds since the epoch, when the record is written. */
  readonly timeMs: number;
  readonly event: RecordEvent;
  readonly hop: string;
  readonly listener: string;
  readonly transactionId: string;
  readonly clientIp: string;
  readonly clientPort: number;
  /** Who runs the client; what is undefined is not known. */
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  /** Tells pods apart that had the same name one after the other. */
  readonly podUid: string | undefined;
  readonly serviceAccount: string | undefined;
  /** Address of the client at the first hop, where a hop of ours says it. */
  readonly assertedIp: string | undefined;
  /** Who has authenticated; undefined where nobody has. */
  readonly user: string | undefined;
  /** Undefined where the head could not be read. */
  readonly method: string | undefined;
  /** Canonical host and port of the request target. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Plain HTTP only: the URL without query and user information (redacted by who fills it). */
  readonly url: string | undefined;
  /** Undefined in `open` and `update`. */
  readonly outcome: Outcome | undefined;
  /** Undefined where all went well. */
  readonly reason: Reason | undefined;
  /** Status sent to the client; 0 where none was. */
  readonly status: number;
  /** RFC 9209 error type: our reason's, or the one a trusted peer gave. */
  readonly error: string | undefined;
  /** Detail for operators, never shown to clients. */
  readonly detail: string | undefined;
  readonly rule: string | undefined;
  /** Rules in report mode that would have decided; undefined where there is none. */
  readonly reports: readonly ReportedRule[] | undefined;
  /** Hash of the effective policy. */
  readonly policy: string;
  readonly route: string | undefined;
  readonly peer: string | undefined;
  readonly upstreamIp: string | undefined;
  /** Undefined where all that the name led to may be dialled, or this hop has not asked. */
  readonly answers: Answers | undefined;
  /** Cumulative, as seen on the client's connection. */
  readonly bytesFromClient: number;
  readonly bytesToClient: number;
  readonly durationMs: number;
  /** Phases that did not happen are undefined. */
  readonly dnsMs: number | undefined;
  readonly connectMs: number | undefined;
  readonly firstByteMs: number | undefined;
  /** What a peer of ours needed to resolve the host, and to connect. */
  readonly peerDnsMs: number | undefined;
  readonly peerConnectMs: number | undefined;
  /** Canonical server name of a tunnel's ClientHello, and the protocols that it offers; undefined where it was not read, or has none. */
  readonly sni: string | undefined;
  readonly alpn: readonly string[] | undefined;
  /** Undefined where its rule has no cache, and for tunnels. */
  readonly cache: CacheResult | undefined;
  readonly closedBy: ClosedBy | undefined;
}

/** Takes what is permitted before anything is dialled for it. */
export interface Auditor {
  /**
   * Undefined where there is nothing to wait for, else resolves when that is written.
   * @throws {ProxyError} where it may not be dialled for
   */
  permit(entry: RecordEntry): Promise<void> | undefined;
}

/** Takes each record exactly once. Never throws, never waits. */
export interface Recorder {
  record(entry: RecordEntry): void;
}
