/**
 * A conjunction of ACLs and negated ACLs, as rules and routes have them. What cannot be known works against letting
 * through: it makes an allow fail and a deny hold, negated or not (docs/configuration.md, `access`).
 */
import type { Acl } from './acl.ts';
import type { Subject } from './subject.ts';
import { Tri, triNot } from './tri.ts';

/** One ACL, or its negation. */
export interface Literal {
  readonly acl: Acl;
  readonly isNegated: boolean;
  /** As written: `name` or `!name`. */
  readonly text: string;
}

/** A compiled conjunction; the empty one holds always. */
export interface Condition {
  readonly literals: readonly Literal[];
  /** Whether it may be pending until the host is resolved. */
  readonly usesDestination: boolean;
  /** Whether it can only hold for a host whose domain one of its ACLs names. */
  readonly namesDomain: boolean;
  /** Whether it can only hold for a method that one of its ACLs names. */
  readonly namesMethod: boolean;
}

/** @throws {Error} where an ACL is not defined */
export function compileCondition(texts: readonly string[], acls: ReadonlyMap<string, Acl>): Condition {
  const literals = texts.map((text) => compileLiteral(text, acls));
  return Object.freeze({
    literals,
    usesDestination: literals.some(({ acl }) => acl.usesDestination),
    namesDomain: literals.some(({ acl, isNegated }) => acl.namesDomain && !isNegated),
    namesMethod: literals.some(({ acl, isNegated }) => acl.namesMethod && !isNegated),
  });
}

function compileLiteral(text: string, acls: ReadonlyMap<string, Acl>): Literal {
  const isNegated = text.startsWith('!');
  const name = isNegated ? text.slice(1) : text;
  const acl = acls.get(name);
  if (acl === undefined) throw new Error(`ACL "${name}" is not defined, add it or correct the name`);
  return Object.freeze({ acl, isNegated, text });
}

/** Whether the condition lets pass: what is unknown fails. Never `Unknown`. */
export function evaluateForAllow(condition: Condition, subject: Subject): Tri {
  let result: Tri = Tri.True;
  for (const literal of condition.literals) {
    const value = evaluateLiteral(literal, subject);
    if (value === Tri.False || value === Tri.Unknown) return Tri.False;
    if (value > result) result = value;
  }
  return result;
}

/** Whether the condition refuses: what is unknown holds. Never `Unknown`. */
export function evaluateForDeny(condition: Condition, subject: Subject): Tri {
  let result: Tri = Tri.True;
  for (const literal of condition.literals) {
    const value = evaluateLiteral(literal, subject);
    if (value === Tri.False) return Tri.False;
    if (value > result && value !== Tri.Unknown) result = value;
  }
  return result;
}

/** Whether one literal holds, before it is settled what an unknown does. */
export function evaluateLiteral({ acl, isNegated }: Literal, subject: Subject): Tri {
  const value = acl.test(subject);
  return isNegated ? triNot(value) : value;
}
