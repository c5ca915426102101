/** News of one kind of thing in a cluster, as a watch tells them, or the supervisor does. */

/** Plain values, so that they can be sent to another process. */
export interface News<T> {
  /** The things in {@link changes} are all that there are. */
  readonly isAll: boolean;
  /** In the order in which they came. */
  readonly changes: readonly T[];
  /** How long ago the API server said something. */
  readonly ageMs: number;
}
