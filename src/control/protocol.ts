/** What `weir cache` asks a service over its control socket, and what it is told: a line of JSON each. */
import type { CacheView, RuleView } from '#cache/question.ts';

/** `usage`: the question makes no sense. `refused`: it may not be now. The others say that there is no answer. */
export type FailureKind = 'usage' | 'refused' | 'malformed' | 'busy' | 'failed';

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
}

export type Answer =
  | { readonly result: WhyResult | PurgeResult; readonly failure?: undefined }
  | { readonly failure: Failure; readonly result?: undefined };

/** What one process says; without anything else it did not answer. */
export type ProcessView = { readonly pid: number | null } & Partial<CacheView>;

export interface WhyResult {
  readonly act: 'why';
  /** Canonical. */
  readonly url: string;
  readonly method: string;
  readonly time: string;
  /** Whether all processes have answered. */
  readonly complete: boolean;
  readonly rules: RuleView;
  readonly processes: readonly ProcessView[];
}

export interface PurgeResult {
  readonly act: 'purge';
  readonly kind: 'url' | 'host';
  /** Canonical. */
  readonly target: string;
  /** Answers that were taken out, of all processes. */
  readonly purged: number;
  /** Whether all processes have answered, and taken out all. */
  readonly complete: boolean;
  readonly processes: readonly PurgedBy[];
}

export interface PurgedBy {
  readonly pid: number | null;
  /** Null: it did not answer. */
  readonly purged: number | null;
  /** Why it could not remove all of it from disk. */
  readonly fault?: string | undefined;
}

/** What is asked, as it is written. */
export type Asked =
  | {
      readonly act: 'why';
      readonly url: string;
      readonly method: string;
      /** Names and values, flat. */
      readonly headers: readonly string[];
    }
  | { readonly act: 'purge'; readonly target: string };
