/** What became of a directive: a verdict with a sentence, collected for the report in the order of the file. */
import type { Place, Statement } from './statement.ts';

/**
 * `same`: means the same. `changed`: carried over, with a difference that is told. `dropped`: left out, and nothing is
 * let through by that. `dangerous`: to be looked at by a person, as something might be let through that was not, or be
 * refused that was not. `error`: Squid itself would not take it.
 */
export const VERDICTS = ['dangerous', 'error', 'changed', 'dropped', 'same'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Finding extends Place {
  /** As written, shortened, and without what may be a secret. */
  readonly directive: string;
  readonly verdict: Verdict;
  readonly message: string;
}

/** Tells what became of a directive. */
export type Tell = (statement: Statement, verdict: Verdict, message: string) => void;
