/**
 * What one line of an old log tells: who asked for what, when, and what was decided. Whose log it is, is told from each
 * line alone, so that files of several kinds may be mixed.
 */
import type { Question } from './question.ts';

export type Verdict = 'allow' | 'deny';

/** A request that was decided, as far as the log knows it. */
export interface LogEntry {
  readonly kind: 'decided';
  /** Asked when the request came in, where the line tells how long it took, and else when it ended. */
  readonly question: Question;
  readonly verdict: Verdict;
  /** What decided, for people: a rule of Weir's, or the result code of Squid. */
  readonly by: string;
  /** The rule of Weir's that decided, where one did. */
  readonly rule: string | undefined;
  /** Rules in report mode that would have decided. */
  readonly reports: readonly string[];
  /** Address of the origin, where this proxy dialled it itself. */
  readonly address: string | undefined;
}

/** A line that holds no decision to compare with; `why` is one of a few texts. */
export interface Undecided {
  readonly kind: 'undecided';
  readonly why: string;
}

/** A line that is none of a log. */
export interface BrokenLine {
  readonly kind: 'broken';
  readonly why: string;
}

export type LogLine = LogEntry | Undecided | BrokenLine;

/** A line without a decision. */
export function undecided(why: string): Undecided {
  return { kind: 'undecided', why };
}

/** A line that cannot be read. */
export function broken(why: string): BrokenLine {
  return { kind: 'broken', why };
}

/** Years that a log may tell of; beyond them dates have another form, or none. */
const LATEST_MS = Date.UTC(9999, 11, 31);

/** Whether a log may tell of this time, in milliseconds since the epoch. */
export function isLogTime(ms: number): boolean {
  return ms >= 0 && ms <= LATEST_MS;
}
