/**
 * What a line of Squid's says about a request, as alternatives of conjunctions of ACLs. Some ACLs cannot be judged by Weir;
 * they stay in a formula until it is known whether it allows or denies, and then work against letting through.
 */

/** One ACL, or one that Weir cannot judge: `unknown` then says why. */
export interface Literal {
  readonly acl: string;
  readonly isNegated: boolean;
  readonly unknown?: string;
}

/** All must hold; the empty one always does. */
export type Conjunction = readonly Literal[];

/** Any must hold; the empty one never does. */
export type Formula = readonly Conjunction[];

export const ALWAYS: Formula = [[]];
export const NEVER: Formula = [];

/** So many alternatives of one line are written out. */
const MOST_ALTERNATIVES = 64;

/** A formula is too large to be written out as rules. */
export class FormulaTooLarge extends Error {
  override readonly name = 'FormulaTooLarge';
}

/** @throws {FormulaTooLarge} */
export function or(...formulas: readonly Formula[]): Formula {
  const alternatives = formulas.flat();
  if (alternatives.some((one) => one.length === 0)) return ALWAYS;
  if (alternatives.length > MOST_ALTERNATIVES)
    throw new FormulaTooLarge(`More than ${MOST_ALTERNATIVES} alternatives`);
  return alternatives;
}

/** @throws {FormulaTooLarge} */
export function and(...formulas: readonly Formula[]): Formula {
  return formulas.reduce(andBoth, ALWAYS);
}

function andBoth(left: Formula, right: Formula): Formula {
  const both: Conjunction[] = [];
  for (const one of left) {
    for (const other of right) {
      const merged = merge(one, other);
      if (merged !== undefined) both.push(merged);
      if (both.length > MOST_ALTERNATIVES)
        throw new FormulaTooLarge(`More than ${MOST_ALTERNATIVES} alternatives`);
    }
  }
  return both;
}

/** @throws {FormulaTooLarge} */
export function not(formula: Formula): Formula {
  return and(
    ...formula.map((conjunction) =>
      conjunction.map((literal) => [{ ...literal, isNegated: !literal.isNegated }]),
    ),
  );
}

/** Both conjunctions in one, each literal once; undefined where they contradict each other. */
function merge(left: Conjunction, right: Conjunction): Conjunction | undefined {
  const merged = [...left];
  for (const literal of right) {
    const known = merged.find(({ acl }) => acl === literal.acl);
    if (known === undefined) merged.push(literal);
    else if (known.isNegated !== literal.isNegated) return undefined;
  }
  return merged;
}

/** A formula without what cannot be judged, and what that was. */
export interface Judged {
  readonly formula: Formula;
  /** Names of ACLs with the reason. */
  readonly unknown: ReadonlyMap<string, string>;
}

/** For letting through: alternatives with an unknown ACL are left out. */
export function judgedForAllow(formula: Formula): Judged {
  const known = formula.filter((conjunction) => conjunction.every(({ unknown }) => unknown === undefined));
  return { formula: known, unknown: unknownIn(formula) };
}

/** For refusing: unknown ACLs are left out, so that the rest refuses more. */
export function judgedForDeny(formula: Formula): Judged {
  const known = formula.map((conjunction) => conjunction.filter(({ unknown }) => unknown === undefined));
  return { formula: or(known), unknown: unknownIn(formula) };
}

function unknownIn(formula: Formula): ReadonlyMap<string, string> {
  const unknown = new Map<string, string>();
  for (const literal of formula.flat())
    if (literal.unknown !== undefined) unknown.set(literal.acl, literal.unknown);
  return unknown;
}
