/**
 * What the supervisor and a worker say to each other over the channel between them, as structured clones. The supervisor
 * asks and gets one answer each; both sides also tell things that want no answer.
 */
import type { TrailBatch, TrailNews } from '#audit/remote-trail.ts';
import type { Changed } from '#cache/changes.ts';
import type { CacheQuestion, CacheReply } from '#cache/question.ts';
import type { Config } from '#config/config.ts';
import type { Ask, Grant, Holding } from '#limit/lending.ts';
import type { PeerReport } from '#peer/peer-watch.ts';
import type { Seat } from '#peer/standbys.ts';
import type { NamespaceNews } from '#pods/namespace-directory.ts';
import type { PodNews } from '#pods/pod-directory.ts';
import type { Snapshot } from '#record/merged-metrics.ts';

/** What a worker begins with. */
export interface StartOrder {
  readonly config: Config;
  /** Of this host, for Via. */
  readonly instance: string;
  /** Of this host, for tickets of TLS. */
  readonly ticketSecret: string;
  /** Where the admin server listens, which no client may get to. */
  readonly adminPort: number;
  /** Which of the workers it is, for what they share out. */
  readonly seat: Seat;
  /** Peers that are down. */
  readonly peers: readonly PeerReport[];
  /** All pods; undefined: they are not known yet, or not to be. */
  readonly pods: PodNews | undefined;
  /** The same of namespaces. */
  readonly namespaces: NamespaceNews | undefined;
}

/** What can be asked of a worker. It answers when that is done, or says why it could not. */
export type Request =
  | { readonly what: 'start'; readonly order: StartOrder }
  | { readonly what: 'adopt'; readonly config: Config }
  /** Tells its metrics before it answers. */
  | { readonly what: 'metrics' }
  | { readonly what: 'reopenLogs' }
  /** Answers with its `reply`. */
  | { readonly what: 'cache'; readonly question: CacheQuestion }
  /**
   * The supervisor is about to go: hand over what it keeps, before the answer, and accept on where systemd holds the socket, until the next
   * one says `drain`.
   */
  | { readonly what: 'leave' };

/** From the supervisor to a worker. */
export type Order =
  | { readonly kind: 'request'; readonly id: number; readonly request: Request }
  /** Comes with the handle of a socket to accept on, before the request that needs it. */
  | { readonly kind: 'socket'; readonly key: string }
  | { readonly kind: 'peer'; readonly report: PeerReport }
  | { readonly kind: 'pods'; readonly news: PodNews }
  | { readonly kind: 'namespaces'; readonly news: NamespaceNews }
  /** Answers what was asked of limits. */
  | { readonly kind: 'limits'; readonly grants: readonly Grant[] }
  /** What became of its audit records. */
  | { readonly kind: 'audit'; readonly news: TrailNews }
  /** Not to be used any more, of what is kept. */
  | { readonly kind: 'changed'; readonly changed: Changed }
  /** Accept no more, finish what is open, and end. */
  | { readonly kind: 'drain' }
  /** Cut what is open, and end. */
  | { readonly kind: 'end' };

/** From a worker to the supervisor. */
export type Report =
  /** `fault`: it could not do what was asked, and is as it was before. */
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly fault: Fault | undefined;
      readonly reply?: CacheReply | undefined;
    }
  | { readonly kind: 'peer'; readonly report: PeerReport }
  | { readonly kind: 'limits'; readonly asks: readonly Ask[] }
  | { readonly kind: 'audit'; readonly batch: TrailBatch }
  /** An unsafe request was answered here: told before its answer goes to the client. */
  | { readonly kind: 'changed'; readonly changed: Changed }
  /** When asked, and the last ones when it ends in order. */
  | { readonly kind: 'metrics'; readonly snapshot: Snapshot }
  /** Of standard output, whose pipe went with the supervisor that had started it. */
  | { readonly kind: 'lines'; readonly text: string }
  /** The first word of one that was another supervisor's. */
  | { readonly kind: 'hello'; readonly hello: Hello };

/** Of what both sides say when a worker comes from another supervisor, which may be of another version. */
export const MEETING_VERSION = 1;

/** Who comes, and what it brings. */
export interface Hello {
  readonly version: number;
  readonly pid: number;
  /** Of the supervisor that had started it ({@link StartOrder}): those of one generation have the same. */
  readonly instance: string;
  /** For how long it has been finishing. */
  readonly leavingMs: number;
  /** Tunnels that it holds under limits. */
  readonly holdings: readonly Holding[];
}

/** An error, as far as it can be told to another process. */
export interface Fault {
  readonly message: string;
  readonly code: string | undefined;
  /** What the program ends with where this keeps it from starting. */
  readonly exitCode: number | undefined;
}

/** Tells a socket by its address, or the name under which it is handed over; by the listener's name as well where the system chose the port. */
export function keyOf(listener: {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly socket?: string;
}): string {
  if (listener.socket !== undefined) return `systemd ${listener.socket}`;
  const address = `${listener.host} ${listener.port}`;
  return listener.port === 0 ? `${address} ${listener.name}` : address;
}
