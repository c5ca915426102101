/**
 * Three-valued truth with a fourth, passing value. `Unknown` can never become known for this transaction; `Pending`
 * waits for a later phase (the resolved address). What each does to allow and deny rules: docs/configuration.md, `access`.
 */
export const Tri = { False: 0, True: 1, Unknown: 2, Pending: 3 } as const;
export type Tri = (typeof Tri)[keyof typeof Tri];

/** Truth of a boolean. */
export function triOf(value: boolean): Tri {
  return value ? Tri.True : Tri.False;
}

/** Negation: what is unknown or pending stays so. */
export function triNot(value: Tri): Tri {
  if (value === Tri.True) return Tri.False;
  if (value === Tri.False) return Tri.True;
  return value;
}
