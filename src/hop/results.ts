/** What can become of an assertion, in words for records and metrics. */

/** Why it is none. */
export type Flaw =
  | 'malformed'
  | 'unknown_key'
  | 'wrong_signature'
  | 'wrong_audience'
  | 'wrong_target'
  | 'wrong_transaction'
  | 'not_yet_valid'
  | 'expired'
  | 'replayed';

/** `absent`: the hop has said nothing; `unchecked`: nobody could tell whether it was used before. */
export type AssertionResult = 'accepted' | 'absent' | 'unchecked' | Flaw;

/** Every one of them. */
export const ASSERTION_RESULTS: readonly AssertionResult[] = Object.freeze([
  'accepted',
  'absent',
  'unchecked',
  'malformed',
  'unknown_key',
  'wrong_signature',
  'wrong_audience',
  'wrong_target',
  'wrong_transaction',
  'not_yet_valid',
  'expired',
  'replayed',
]);
