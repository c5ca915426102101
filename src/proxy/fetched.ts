/** What comes of a request of the cache to a next hop, and when what is kept may be used instead. */
import type { Entry } from '#cache/entry.ts';
import type { Taken } from '#cache/incoming.ts';
import type { MayServe } from '#cache/plan.ts';
import { REASONS, type Reason } from '#errors.ts';
import type { RawHeaders } from '#net/headers.ts';

/** What the next hop is asked about, and with which fields. */
export interface AskedAbout {
  readonly entry: Entry;
  readonly headers: string[];
  /** Where the next hop fails: when `entry` is used all the same. */
  readonly mayServe: MayServe;
}

/** What came of it, known with the head. */
export type Fetched =
  /** What is kept is still good. */
  | { readonly kind: 'confirmed'; readonly entry: Entry }
  /** The next hop fails, and what is kept may be used for that. `isSilence`: it says that the target has not answered. */
  | { readonly kind: 'failing'; readonly status: number; readonly isSilence: boolean }
  /** It spoke of something else than what is kept: it has to be asked for anew. */
  | { readonly kind: 'unknown' }
  | Answer;

export interface Answer extends Taken {
  readonly kind: 'answer';
  readonly status: number;
  readonly phrase: string;
  /** As the first client gets them. */
  readonly fields: RawHeaders;
}

/** Whether this says that the target has not answered, or not to the end. */
export function isNoAnswer(reason: Reason): boolean {
  const { source, outcome } = REASONS[reason];
  return (source === 'origin' || source === 'peer') && outcome === 'failed';
}

/** Whether what is kept may be used where the next hop fails. */
export function mayServeFor(
  { isSilence }: { readonly isSilence: boolean },
  { onError, onSilence }: MayServe,
): boolean {
  return onError || (isSilence && onSilence);
}
