/** What every transaction of this process shares. Built once by the composition root; only what is said to change ever does. */
import type { CacheDesk } from '#cache/desk.ts';
import type { AssertionResult } from '#hop/results.ts';
import type { LimitStore } from '#limit/quota.ts';
import type { DialTools } from '#net/opening.ts';
import type { HttpPool } from '#net/pool.ts';
import type { Winners } from '#net/winners.ts';
import type { Auditor, Recorder } from '#record/entry.ts';
import type { Log } from '#record/operational-log.ts';
import type { Crowd } from './crowd.ts';
import type { Drain } from './drain.ts';
import type { Generation } from './generation.ts';
import type { PastFields } from './past-fields.ts';

export interface ProxyContext {
  /** This hop's name in Proxy-Status, logs and metrics. */
  readonly hop: string;
  /** Name and instance, for Via: two processes of one tier are told apart, so that a loop is one (RFC 9110 section 7.6.3). */
  readonly pseudonym: string;
  readonly tools: DialTools;
  readonly http: HttpPool;
  /** Which addresses of hosts to begin with. */
  readonly winners: Winners;
  readonly recorder: Recorder;
  /** Takes what is permitted before it is dialled; undefined: there is no audit trail. */
  readonly auditor: Auditor | undefined;
  readonly cache: CacheDesk;
  /** Of answers that the cache was not asked for. */
  readonly pastFields: PastFields;
  readonly crowd: Crowd;
  /** Where is counted what holds for the host. */
  readonly limitStore: LimitStore;
  readonly drain: Drain;
  /** Told of a field that only a hop of ours may send, and somebody else did. */
  readonly onForgedField: (field: string) => void;
  /** Told what became of what a trusted hop said of its client. */
  readonly onAssertion: (result: AssertionResult) => void;
  /** Told of a client that is nobody who is known, where pods are. */
  readonly onUnknownClient: () => void;
  /** Told of a limit that refused or cut a transaction. */
  readonly onLimitHit: (limit: string) => void;
  /** Told of credentials that are nobody's. */
  readonly onWrongCredentials: () => void;
  /** Told of a handshake that failed: on which listener, and why. */
  readonly onHandshakeFailed: (listener: string, cause: string) => void;
  /** Of all processes of this host, for tickets of TLS. */
  readonly ticketSecret: string;
  /** Told of each look that a hop of ours has taken at us, which has no record. */
  readonly onProbe: () => void;
  readonly log: Log;
  /** The one in force for transactions that begin now: a reload changes it. */
  generation: Generation;
  /** Wall clock by which open tunnels are judged again. */
  readonly now: () => number;
  /** How often they have been, which is one more whenever what may pass has changed. */
  round: number;
}
