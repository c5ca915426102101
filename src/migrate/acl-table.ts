/**
 * The ACLs of a squid.conf by name: lines of one name belong together, groups are made of others, some are built in. Gives
 * the formula of a name in Weir's ACLs, and in the end says of every line what became of it.
 */
import { nearest } from '#config/nearest.ts';
import type { AclType } from './acl-types.ts';
import type { AclValue, Outcome } from './acl-values.ts';
import { type AclDraft, freeName, nameOf } from './draft.ts';
import type { Tell } from './finding.ts';
import { ALWAYS, and, type Formula, FormulaTooLarge, type Literal, NEVER, not, or } from './formula.ts';
import type { Report } from './report.ts';
import type { Statement } from './statement.ts';

/** What the table works with. */
export interface AclParts {
  readonly types: ReadonlyMap<string, AclType>;
  /** Where the ACLs of Weir go. */
  readonly drafts: Map<string, AclDraft>;
  readonly tell: Tell;
}

/** Lines of one name. */
interface Group {
  readonly name: string;
  readonly type: string;
  readonly lines: Statement[];
  readonly values: AclValue[];
  readonly flags: Set<string>;
  /** As a SquidAcl has it. */
  file: string | undefined;
  isBroken: boolean;
  isUsed: boolean;
  formula: Formula | undefined;
}

/** What is told of an ACL that is not written. */
export const UNUSED = 'Nothing that is carried over uses it';

export const GROUP_TYPES: readonly string[] = ['any-of', 'all-of'];

export class AclTable {
  readonly #parts: AclParts;
  /** By name without regard to case, as Squid has it. */
  readonly #groups = new Map<string, Group>();

  constructor(parts: AclParts) {
    this.#parts = parts;
  }

  /** The group that a line with this name and type goes to; undefined where the name is another type's. */
  groupFor(name: string, type: string): Group | undefined {
    const key = name.toLowerCase();
    const known = this.#groups.get(key);
    if (known !== undefined) return known.type === type ? known : undefined;
    const group: Group = {
      name,
      type,
      lines: [],
      values: [],
      flags: new Set(),
      file: undefined,
      isBroken: false,
      isUsed: false,
      formula: undefined,
    };
    this.#groups.set(key, group);
    return group;
  }

  /** Type of the ACL `name`, as Squid has it. */
  typeOf(name: string): string | undefined {
    return this.#groups.get(name.toLowerCase())?.type;
  }

  /** What `name` or `!name` means, where `at` refers to it. */
  formulaOf(reference: string, at: Statement): Formula {
    const isNegated = reference.startsWith('!');
    const name = isNegated ? reference.slice(1) : reference;
    const group = this.#groups.get(name.toLowerCase());
    if (group !== undefined) group.isUsed = true;
    const formula = group === undefined ? this.#undefined(name, at) : this.#formula(group);
    return isNegated ? not(formula) : formula;
  }

  /** What all of the references mean together. @throws {FormulaTooLarge} */
  conjunctionOf(references: readonly string[], at: Statement): Formula {
    return and(...references.map((reference) => this.formulaOf(reference, at)));
  }

  #undefined(name: string, at: Statement): Formula {
    const guess = nearest(
      name,
      [...this.#groups.values()].map((group) => group.name),
    );
    const hint = guess === undefined ? '' : `; is it "${guess}"?`;
    this.#parts.tell(at, 'error', `ACL "${name}" is not defined${hint}`);
    return unknownAcl(name, 'it is not defined');
  }

  #formula(group: Group): Formula {
    if (group.formula !== undefined) return group.formula;
    // A group that refers to itself finds this.
    group.formula = unknownAcl(group.name, 'it refers to itself');
    group.formula = this.#translated(group);
    return group.formula;
  }

  #translated(group: Group): Formula {
    if (group.isBroken) return unknownAcl(group.name, 'a line of it cannot be read');
    if (GROUP_TYPES.includes(group.type)) return this.#groupFormula(group);
    const type = this.#parts.types.get(group.type);
    if (type === undefined) return unknownAcl(group.name, 'its type is not known');
    if ('translate' in type) return this.#drafted(group.name, type.translate(group, this.#parts.tell));
    if (group.isUsed) for (const line of group.lines) this.#parts.tell(line, type.verdict, type.why);
    return this.#drafted(group.name, type.outcome);
  }

  #groupFormula(group: Group): Formula {
    try {
      const lines = group.lines.map((line) => {
        const members = group.values.filter(({ at }) => at === line).map(({ text }) => text);
        const formulas = members.map((member) => this.formulaOf(member, line));
        return group.type === 'any-of' ? or(...formulas) : and(...formulas);
      });
      return or(...lines);
    } catch (error) {
      if (!(error instanceof FormulaTooLarge)) throw error;
      for (const line of group.lines)
        this.#parts.tell(line, 'dropped', `${error.message}: too many to write out`);
      return unknownAcl(group.name, 'it has too many alternatives');
    }
  }

  /** Puts the ACLs of an outcome among the drafts. */
  #drafted(name: string, outcome: Outcome): Formula {
    if ('unknown' in outcome) return unknownAcl(name, outcome.unknown);
    if ('constant' in outcome) return outcome.constant ? ALWAYS : NEVER;
    const base = outcome.isNegated ? `not-${name}` : name;
    const formula = outcome.any.map((draft, index) => [
      this.#literal(index === 0 ? base : `${base}-${index + 1}`, draft),
    ]);
    if (outcome.ofTunnels !== undefined) return this.#besideTunnels(name, formula, outcome);
    return outcome.isNegated ? not(formula) : formula;
  }

  #literal(name: string, draft: AclDraft): Literal {
    const { drafts } = this.#parts;
    const acl = freeName(nameOf(name), (taken) => taken === 'all' || drafts.has(taken));
    drafts.set(acl, draft);
    return { acl, isNegated: false };
  }

  /** One that several ACLs have in common. */
  #shared(name: string, draft: AclDraft): Formula {
    const { drafts } = this.#parts;
    const isSame = (acl: string): boolean => JSON.stringify(drafts.get(acl)) === JSON.stringify(draft);
    const acl = freeName(name, (taken) => drafts.has(taken) && !isSame(taken));
    drafts.set(acl, draft);
    return [[{ acl, isNegated: false }]];
  }

  /** The formula for all but CONNECT, of which it never holds, or cannot be judged, or by another ACL. */
  #besideTunnels(name: string, formula: Formula, { ofTunnels, unlessFound }: UrlOutcome): Formula {
    const tunnels = this.#shared('tunnels', { methods: ['CONNECT'] });
    const plain = and(this.#besides(name, formula, unlessFound), not(tunnels));
    return or(plain, and(tunnels, this.#ofTunnels(name, ofTunnels)));
  }

  #ofTunnels(name: string, known: UrlOutcome['ofTunnels'] = []): Formula {
    if (known === 'always') return ALWAYS;
    if (known === 'unknown')
      return unknownAcl(name, 'what it finds in the host and port of a CONNECT cannot be said');
    return or(...known.map((draft): Formula => [[this.#literal(`${name}-host`, draft)]]));
  }

  /** The formula where another ACL does not hold; where that does it cannot be judged. */
  #besides(name: string, formula: Formula, other: UrlOutcome['unlessFound']): Formula {
    if (other === undefined) return formula;
    const found = this.#shared(other.name, other.acl);
    return or(and(formula, not(found)), and(found, unknownAcl(`${name}-escaped`, other.why)));
  }

  /** Names of all types that an ACL may have. */
  get typeNames(): readonly string[] {
    return [...this.#parts.types.keys(), ...GROUP_TYPES];
  }

  /**
   * Says of every line what became of it.
   * @param written names of Weir's ACLs that something uses
   * @param report where it is told
   */
  tellAll(written: ReadonlySet<string>, report: Report): void {
    for (const group of this.#groups.values()) {
      const [verdict, message] = this.#verdictOf(group, written);
      for (const line of group.lines) {
        // How it would have been carried over is no matter any more.
        if (verdict === 'unused') report.retell(line, 'dropped', message);
        else if (!report.isTold(line)) this.#parts.tell(line, verdict, message);
      }
    }
  }

  #verdictOf(group: Group, written: ReadonlySet<string>): ['unused' | 'dropped' | 'same', string] {
    const literals = this.#formula(group).flat();
    const names = literals.filter(({ unknown }) => unknown === undefined).map(({ acl }) => acl);
    const isUsed = group.isUsed && (names.length === 0 || names.some((acl) => written.has(acl)));
    if (!isUsed) return ['unused', UNUSED];
    const unknown = literals.find((literal) => literal.unknown !== undefined)?.unknown;
    if (unknown !== undefined) return ['dropped', `Weir cannot judge it: ${unknown}`];
    return ['same', sentenceOf(group, names)];
  }
}

/** What says more than ACLs. */
type UrlOutcome = Extract<Outcome, { any: unknown }>;

function sentenceOf({ name, formula = NEVER }: Group, names: readonly string[]): string {
  if (names.length > 0) return `ACL ${[...new Set(names)].map((acl) => `"${acl}"`).join(', ')}`;
  return formula.length === 0 ? `"${name}" never holds` : `"${name}" always holds`;
}

function unknownAcl(name: string, unknown: string): Formula {
  return [[{ acl: `?${name.toLowerCase()}`, isNegated: false, unknown }]];
}

export type { Group as AclGroup };
