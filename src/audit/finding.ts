/** What is wrong with an audit trail: the first place where it is not what was written. */

/** A line of a file. */
export interface Place {
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
}

/**
 * `altered`: a record is not what was written; `missing`, `reordered`, `inserted`: the records are, but not one behind the other;
 * `torn`: the last line is not whole; `unsigned`: nothing but hashes speaks for it, where a signature should; `forged`: a checkpoint is
 * not signed by a key that is believed.
 */
export type FindingKind = 'altered' | 'missing' | 'reordered' | 'inserted' | 'torn' | 'unsigned' | 'forged';

export interface Finding {
  readonly kind: FindingKind;
  readonly place: Place;
  /** Number of the record, as far as it can be told. */
  readonly seq: number | undefined;
  /** A sentence without its period. */
  readonly message: string;
}

/** `3`, or `3 to 7`. */
export function recordsOf(first: number, last: number): string {
  return first === last ? `Record ${first} is` : `Records ${first} to ${last} are`;
}
