/**
 * Three-valued truth with two passing values. `Unknown` can never become known for this transaction; `Pending` waits for the
 * resolved address and `Unheard` for the ClientHello, which comes after it. What each does to allow and deny rules:
 * docs/configuration.md, `access`.
 */
export const Tri = { False: 0, True: 1, Unknown: 2, Unheard: 3, Pending: 4 } as const;
export type Tri = (typeof Tri)[keyof typeof Tri];

/** Truth of a boolean. */
export function triOf(value: boolean): Tri {
  return value ? Tri.True : Tri.False;
}

/** Negation: what is not known, or not yet, stays so. */
export function triNot(value: Tri): Tri {
  if (value === Tri.True) return Tri.False;
  if (value === Tri.False) return Tri.True;
  return value;
}
