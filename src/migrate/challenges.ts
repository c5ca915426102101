/**
 * When clients are asked who they are. Squid asks as soon as it comes to an ACL of users, and looks at no further line before
 * that is answered. In Weir an allow for users fails for a client without credentials, and a later rule may let it through: a
 * rule has to ask first, where there is such a later one.
 */
import type { AclTable } from './acl-table.ts';
import { type Draft, freeName, nameOf, type RuleDraft } from './draft.ts';
import type { Tell } from './finding.ts';
import type { Conjunction, Formula, Literal } from './formula.ts';
import type { Statement } from './statement.ts';

/** Types of ACLs for which Squid has to know the user. */
const OF_USERS: readonly string[] = ['proxy_auth', 'proxy_auth_regex', 'max_user_ip'];

/** What they need. */
export interface ChallengeParts {
  readonly table: AclTable;
  readonly draft: Draft;
  readonly tell: Tell;
}

/** Anybody who has authenticated. */
const ANYBODY = { users: ['*'] };

export class Challenges {
  readonly #parts: ChallengeParts;
  /** The lines of rules that ask. */
  readonly #lines = new Map<RuleDraft, Statement>();

  constructor(parts: ChallengeParts) {
    this.#parts = parts;
  }

  /** Whether Squid may come to an ACL of users in it. */
  concern(formula: Formula): boolean {
    return formula.some((conjunction) => conjunction.some((literal) => this.#asks(literal)));
  }

  /** Has one alternative of a line ask, behind its own rule, where what stands before its users holds. */
  add(line: Statement, action: 'allow' | 'deny', conjunction: Conjunction): void {
    const at = conjunction.findIndex((literal) => this.#asks(literal));
    // A deny holds for whoever has no credentials, and asks itself.
    if (at === -1 || (action === 'deny' && at === conjunction.length - 1)) return;
    const before = conjunction.slice(0, at).filter(({ unknown }) => unknown === undefined);
    const acls = [
      ...before.map(({ acl, isNegated }) => (isNegated ? `!${acl}` : acl)),
      `!${this.#anybody()}`,
    ];
    const { access } = this.#parts.draft;
    if (access.some((rule) => rule.asks === true && rule.acls.every((acl) => acls.includes(acl)))) return;
    const base = nameOf(['deny', ...acls.map((acl) => acl.replace('!', 'not-'))].join('-'));
    const name = freeName(base, (taken) => access.some((rule) => rule.name === taken));
    const rule: RuleDraft = { name, action: 'deny', acls, from: `${line.file}:${line.line}`, asks: true };
    access.push(rule);
    this.#lines.set(rule, line);
  }

  /** Once all rules are written: takes those away behind which nothing lets clients through that nobody knows. */
  end(): void {
    const { access } = this.#parts.draft;
    const needed = access.filter(
      (rule, index) => !rule.asks || access.slice(index).some((one) => this.#isOpen(one)),
    );
    access.splice(0, access.length, ...needed);
    for (const [rule, line] of this.#lines)
      if (needed.includes(rule)) this.#parts.tell(line, 'same', `${ASKS}: rule "${rule.name}"`);
  }

  #isOpen({ action, acls }: RuleDraft): boolean {
    return action === 'allow' && !acls.some((acl) => this.#isOfUsers(acl.replace('!', '')));
  }

  /** Of what Weir cannot judge the name stands behind a question mark. */
  #asks({ acl, unknown }: Literal): boolean {
    if (unknown === undefined) return this.#isOfUsers(acl);
    return OF_USERS.includes(this.#parts.table.typeOf(acl.slice(1)) ?? '');
  }

  #isOfUsers(acl: string): boolean {
    return 'users' in (this.#parts.draft.acls.get(acl) ?? {});
  }

  /** Name of the ACL that holds for anybody who has authenticated. */
  #anybody(): string {
    const { acls } = this.#parts.draft;
    const known = [...acls].find(([, acl]) => JSON.stringify(acl) === JSON.stringify(ANYBODY))?.[0];
    const name = known ?? freeName('authenticated', (taken) => acls.has(taken));
    acls.set(name, ANYBODY);
    return name;
  }
}

const ASKS = 'Here clients are asked for credentials before any later rule, as Squid does';
