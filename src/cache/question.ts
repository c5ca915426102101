/** What a process is asked of what it keeps, and what it says: words that go from one process to another (`weir cache`). */
import type { RawHeaders } from '#net/headers.ts';
import type { Note } from './notes.ts';
import type { Purged, PurgeTarget } from './purge-target.ts';
import type { HostPurge } from './purged-hosts.ts';

/** A request that nobody makes. */
export interface SupposedRequest {
  /** Canonical. */
  readonly url: string;
  readonly method: string;
  readonly headers: RawHeaders;
}

export type CacheQuestion =
  | { readonly act: 'why'; readonly request: SupposedRequest }
  | { readonly act: 'purge'; readonly target: PurgeTarget };

export type CacheReply =
  | { readonly act: 'why'; readonly view: CacheView; readonly rules: RuleView }
  | ({ readonly act: 'purge' } & Purged);

/** What one process has said to a question. */
export interface CacheWord {
  readonly pid: number | undefined;
  /** Undefined: it did not answer. */
  readonly reply: CacheReply | undefined;
}

/** What one process keeps under a URL. */
export interface CacheView {
  readonly kept: readonly KeptView[];
  /** It is asked for just now. */
  readonly isUnderWay: boolean;
  /** The last that was seen of an answer that is not kept. */
  readonly note: Note | undefined;
  /** The last by which all of its host went; undefined: there was none, or it is forgotten. */
  readonly hostPurge?: HostPurge | undefined;
  /** What would become of the request, for clients of each partition that has something. */
  readonly next: readonly NextView[];
}

export interface KeptView {
  /** Whose it is: the names of a rule and a route, and what the next hop is told of the client. */
  readonly partition: string;
  readonly status: number;
  readonly bodyBytes: number;
  /** On disk alone, and not in memory. */
  readonly isOnDisk: boolean;
  /** Names of fields of the request that it was chosen by. */
  readonly varies: readonly string[];
  /** Whether the request would have chosen it. */
  readonly isChosen: boolean;
  readonly storedMs: number;
  readonly ageMs: number;
  readonly lifetimeMs: number;
  readonly lifetimeBy: LifetimeBy;
  /** By what it can be asked about. */
  readonly validators: readonly string[];
  /** Over its time it is used so long while it is asked about, and so long where the next hop fails; undefined: not said. */
  readonly staleWhileRevalidateMs: number | undefined;
  readonly staleIfErrorMs: number | undefined;
  /** Over its time it is used so long where the next hop does not answer; undefined: never. */
  readonly silenceMs: number | undefined;
  /** The directive that forbids that it is used over its time. */
  readonly strictBy: string | undefined;
  /** Whether a request can still have it: its rule has a cache and may allow it, and its route is there. */
  readonly isInForce: boolean;
}

export type LifetimeBy = 's-maxage' | 'max-age' | 'expires' | 'guess' | 'nothing';

export interface NextView {
  /** Undefined: clients of `rules`, or of any where there is none. */
  readonly partition: string | undefined;
  readonly rules?: readonly string[];
  readonly act: NextAct;
  /** What is kept is used all the same where the next hop does not answer, or (`onError`) fails. */
  readonly spare?: Spare | undefined;
}

export interface Spare {
  readonly untilMs: number;
  readonly onError: boolean;
}

/**
 * `hit`: fresh, and given. `stale`: given over its time; `refresh`: given over its time, and asked about. `revalidate`, `reload`: asked
 * about as it is over its time, or as the request wants it; `replace`: over its time, and nothing to ask about it by. `uncached`: no rule
 * that may allow it has a cache; `denied`: none may allow it.
 */
export type NextAct =
  | 'hit'
  | 'stale'
  | 'refresh'
  | 'revalidate'
  | 'reload'
  | 'replace'
  | 'vary-miss'
  | 'uri-miss'
  | 'refuse'
  | 'bypass'
  | 'invalidate'
  | 'uncached'
  | 'denied';

/** Rules that may have to do with a request. */
export interface RuleView {
  /** Names of those with `cache: true`. */
  readonly caching: readonly string[];
  /** Those of them that may allow the request, as far as it can be told without a client. */
  readonly possible: readonly string[];
  /** Those without a cache that may. */
  readonly others: readonly string[];
}

/** By what it is told what would become of a request. */
export interface Sight {
  readonly nowMs: number;
  readonly rules: RuleView;
  /** Names of those in force. */
  readonly routes: readonly string[];
}
