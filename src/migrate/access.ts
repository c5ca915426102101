/**
 * `http_access` as rules of Weir. Squid goes on with the opposite of the last line where none matches; Weir denies, so that
 * where that opposite is "allow" a rule says it. What Weir cannot judge never lets a request through.
 */
import { closingOf, connectionsOf, placeOf, type Translated, tellTranslated } from './access-sentences.ts';
import type { AclTable } from './acl-table.ts';
import { Challenges } from './challenges.ts';
import { type ConnectionLimits, connectionLimitOf } from './connection-limits.ts';
import { type Draft, freeName, nameOf, type RuleDraft } from './draft.ts';
import type { Tell } from './finding.ts';
import { type Conjunction, type Formula, FormulaTooLarge, judgedForAllow, judgedForDeny } from './formula.ts';
import { type Statement, textsOf, wordAt } from './statement.ts';

/** What lines of rules are translated with. */
export interface AccessParts {
  readonly table: AclTable;
  readonly connections: ConnectionLimits;
  readonly draft: Draft;
  readonly tell: Tell;
}

type Action = 'allow' | 'deny';

/** The action of a line of rules; undefined where Squid ignores it with a complaint: it has none, or no ACL. */
export function actionOf(line: Statement): Action | undefined {
  const action = wordAt(line, 0);
  if (line.words.length < 2) return undefined;
  return action === 'allow' || action === 'deny' ? action : undefined;
}

/** Writes the rules. `lines`: each `http_access`, and each `include` that is lost. */
export function translateAccess(lines: readonly Statement[], parts: AccessParts): void {
  const writer = new RuleWriter(parts);
  for (const line of lines) writer.add(line);
  writer.end(lines.findLast((line) => actionOf(line) !== undefined));
}

class RuleWriter {
  readonly #parts: AccessParts;
  /** The line after which nothing is reached. */
  #closedBy: Statement | undefined;
  /** The first line of each set of ACLs: another one of the same is never reached. */
  readonly #firsts = new Map<string, Statement>();
  /** Name of the limit of what is allowed from here on. */
  #limit: string | undefined;
  /** Lines that limit connections. */
  readonly #counting: Statement[] = [];
  readonly #challenges: Challenges;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#challenges = new Challenges(parts);
  }

  add(line: Statement): void {
    if (line.lost === undefined) this.#addRule(line);
    else this.#addLost(line, line.lost);
  }

  /** Where rules may be missing, nothing more is let through. */
  #addLost(line: Statement, why: string): void {
    const { draft, tell } = this.#parts;
    if (this.#closedBy !== undefined) {
      const closing = closingOf(this.#closedBy, line);
      tell(line, 'error', `${why}. Rules in it would never be reached: ${closing}`);
      return;
    }
    const from = `${line.file}:${line.line}: include not readable, so everything is denied here`;
    draft.access.push({ name: 'include-not-readable', action: 'deny', acls: ['all'], from });
    this.#closedBy = line;
    const message = `${why}. Rules may be missing, so that everything is denied from here on, by rule "include-not-readable". Import again where it can be read`;
    tell(line, 'dangerous', message);
  }

  #addRule(line: Statement): void {
    const { tell } = this.#parts;
    const action = actionOf(line);
    if (action === undefined) {
      tell(line, 'error', 'It is no allow or deny with an ACL; Squid ignores it');
      return;
    }
    const first = this.#firstLike(line);
    if (this.#closedBy !== undefined) {
      tell(line, 'dropped', `Never reached: ${closingOf(this.#closedBy, line)}`);
    } else if (first !== undefined) {
      const what = action === actionOf(first) ? 'is the same' : 'decides the same requests';
      tell(line, 'dropped', `Never reached: ${placeOf(first, line)} ${what}`);
    } else if (this.#parts.connections.has(line)) {
      this.#limitConnections(line);
    } else {
      this.#translate(line, action);
    }
  }

  /** A line before this one with the same ACLs, in whatever order, unless one of them is drawn anew for each line. */
  #firstLike(line: Statement): Statement | undefined {
    const acls = new Set(textsOf(line, 1).map((reference) => reference.toLowerCase()));
    const { table } = this.#parts;
    if ([...acls].some((reference) => table.typeOf(reference.replace(/^!/, '')) === 'random'))
      return undefined;
    const key = [...acls].sort().join(' ');
    const first = this.#firsts.get(key);
    if (first === undefined) this.#firsts.set(key, line);
    return first;
  }

  /** From a line that denies more connections of one client. */
  #limitConnections(line: Statement): void {
    const { draft, connections } = this.#parts;
    const tunnels = connections.get(line) ?? 1;
    const name = connectionLimitOf(tunnels);
    const before = draft.limits.get(this.#limit ?? '')?.tunnels ?? tunnels;
    if (tunnels <= before) this.#limit = name;
    draft.limits.set(name, { per: 'source', tunnels });
    this.#counting.push(line);
  }

  #translate(line: Statement, action: Action): void {
    const references = textsOf(line, 1);
    try {
      const formula = this.#parts.table.conjunctionOf(references, line);
      const { formula: known, unknown } = judgedFor(action, formula);
      const reasons = [...unknown].map(([acl, why]) => `ACL "${acl.slice(1)}": ${why}`).join('; ');
      const rules = this.#write(line, action, { formula, known });
      tellTranslated(line, { action, formula, known, reasons, rules }, this.#parts);
    } catch (error) {
      if (!(error instanceof FormulaTooLarge)) throw error;
      if (action === 'deny') this.#push(line, action, [[]]);
      const effect = action === 'deny' ? 'everything is denied from here on' : 'it allows nothing';
      this.#parts.tell(line, 'dangerous', `${error.message}, too many to write out: ${effect}`);
    }
  }

  /** Writes the rules of one line. @returns their names */
  #write(line: Statement, action: Action, { formula, known }: Judged): string[] {
    const { access } = this.#parts.draft;
    const start = access.length;
    if (this.#challenges.concern(formula)) this.#writeAsking(line, action, formula);
    else this.#push(line, action, known);
    return access.slice(start).flatMap(({ name, asks }) => (asks === true ? [] : [name]));
  }

  /** Squid asks for credentials as soon as it comes to an ACL of users, one alternative after the other. */
  #writeAsking(line: Statement, action: Action, formula: Formula): void {
    for (const conjunction of formula) {
      this.#push(line, action, judgedFor(action, [conjunction]).formula);
      if (this.#closedBy !== undefined) return;
      this.#challenges.add(line, action, conjunction);
    }
  }

  #push(line: Statement, action: Action, formula: Formula): void {
    const { access } = this.#parts.draft;
    for (const conjunction of formula) {
      const acls = conjunction.length === 0 ? ['all'] : conjunction.map(textOf);
      const base = nameOf([action, ...acls.map((acl) => acl.replace('!', 'not-'))].join('-'));
      const name = freeName(base, (taken) => access.some((rule) => rule.name === taken));
      const last = wordAt(line, line.words.length - 1).replace('!', '');
      access.push({ name, action, acls, from: `${line.file}:${line.line}`, last, ...this.#limitOf(action) });
      if (conjunction.length === 0) this.#closedBy = line;
    }
  }

  #limitOf(action: Action): Partial<RuleDraft> {
    return action === 'deny' || this.#limit === undefined ? {} : { limit: this.#limit };
  }

  end(last: Statement | undefined): void {
    if (this.#closedBy === undefined) this.#writeOtherwise(last);
    this.#challenges.end();
    for (const line of this.#counting) this.#tellCounting(line);
  }

  /** Once all rules are written: only a limit that one of them has is. */
  #tellCounting(line: Statement): void {
    const { draft, connections, tell } = this.#parts;
    const tunnels = connections.get(line) ?? 1;
    const name = connectionLimitOf(tunnels);
    if (draft.access.some(({ limit }) => limit === name)) tell(line, 'changed', connectionsOf(name, tunnels));
    else
      tell(line, 'dropped', 'No rule below it allows anything that a smaller limit does not count already');
  }

  /** What Squid does where no line matches. */
  #writeOtherwise(last: Statement | undefined): void {
    const { draft, tell } = this.#parts;
    if (last !== undefined && actionOf(last) === 'deny') {
      const from = 'the opposite of the last http_access';
      draft.access.push({ ...OTHERWISE, action: 'allow', from, ...this.#limitOf('allow') });
      const message = `The last line denies, so that Squid allows whatever no line matches; rule "${OTHERWISE.name}" does the same. Remove it unless that is meant`;
      tell(last, 'dangerous', message);
    } else if (draft.access.length === 0) {
      draft.access.push({
        ...OTHERWISE,
        action: 'deny',
        from: 'no http_access that allows: Squid denies everything',
      });
    }
  }
}

/** Of one line. */
type Judged = Pick<Translated, 'formula' | 'known'>;

function judgedFor(action: Action, formula: Formula): ReturnType<typeof judgedForAllow> {
  return action === 'allow' ? judgedForAllow(formula) : judgedForDeny(formula);
}

const OTHERWISE = { name: 'otherwise', acls: ['all'] } as const satisfies Partial<RuleDraft>;

/** A literal as rules have it. */
export function textOf({ acl, isNegated }: Conjunction[number]): string {
  return isNegated ? `!${acl}` : acl;
}
