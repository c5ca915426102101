/**
 * `http_access` as rules of Weir. Squid goes on with the opposite of the last line where none matches; Weir denies, so that
 * where that opposite is "allow" a rule says it. What Weir cannot judge never lets a request through.
 */
import type { AclTable } from './acl-table.ts';
import { type ConnectionLimits, connectionLimitOf } from './connection-limits.ts';
import { type AclDraft, type Draft, freeName, nameOf, type RuleDraft } from './draft.ts';
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

/** Writes the rules. */
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

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  add(line: Statement): void {
    const { tell } = this.#parts;
    const action = actionOf(line);
    if (action === undefined) {
      tell(line, 'error', 'It is no allow or deny with an ACL; Squid ignores it');
      return;
    }
    const first = this.#firstLike(line);
    if (this.#closedBy !== undefined) {
      tell(line, 'dropped', `Never reached: ${placeOf(this.#closedBy, line)} decides everything`);
    } else if (first !== undefined) {
      const what = action === actionOf(first) ? 'is the same' : 'decides the same requests';
      tell(line, 'dropped', `Never reached: ${placeOf(first, line)} ${what}`);
    } else if (this.#parts.connections.has(line)) {
      this.#limitConnections(line);
    } else {
      this.#translate(line, action);
    }
  }

  /** A line before this one with the same ACLs, in whatever order. */
  #firstLike(line: Statement): Statement | undefined {
    const acls = new Set(textsOf(line, 1).map((reference) => reference.toLowerCase()));
    const key = [...acls].sort().join(' ');
    const first = this.#firsts.get(key);
    if (first === undefined) this.#firsts.set(key, line);
    return first;
  }

  /** From a line that denies more connections of one client. */
  #limitConnections(line: Statement): void {
    const { draft, connections, tell } = this.#parts;
    const tunnels = connections.get(line) ?? 1;
    const name = connectionLimitOf(tunnels);
    const before = draft.limits.get(this.#limit ?? '')?.tunnels ?? tunnels;
    if (tunnels <= before) this.#limit = name;
    draft.limits.set(name, { per: 'source', tunnels });
    tell(line, 'changed', connectionsOf(name, tunnels));
  }

  #translate(line: Statement, action: Action): void {
    const references = textsOf(line, 1);
    try {
      const formula = this.#parts.table.conjunctionOf(references, line);
      const { formula: known, unknown } =
        action === 'allow' ? judgedForAllow(formula) : judgedForDeny(formula);
      const reasons = [...unknown].map(([acl, why]) => `ACL "${acl.slice(1)}": ${why}`).join('; ');
      this.#push(line, action, known);
      this.#tell(line, { action, formula, known, reasons });
    } catch (error) {
      if (!(error instanceof FormulaTooLarge)) throw error;
      if (action === 'deny') this.#push(line, action, [[]]);
      const effect = action === 'deny' ? 'everything is denied from here on' : 'it allows nothing';
      this.#parts.tell(line, 'dangerous', `${error.message}, too many to write out: ${effect}`);
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

  #tell(line: Statement, translated: Translated): void {
    const { tell, draft } = this.#parts;
    const { action, formula, known, reasons } = translated;
    if (formula.length === 0) {
      tell(line, 'dropped', 'It never holds');
      return;
    }
    const rules = draft.access.slice(-known.length).map(({ name }) => `"${name}"`);
    if (reasons === '') tell(line, 'same', `Rule ${rules.join(', ')}`);
    else tell(line, action === 'allow' ? 'changed' : 'dangerous', effectOf(translated, draft));
    if (judgesAddresses(translated, draft)) tell(line, 'changed', IP_TARGET[action]);
    if (uses(known, 'dst', draft)) tell(line, 'changed', RESOLVED);
  }

  /** What Squid does where no line matches. */
  end(last: Statement | undefined): void {
    const { draft, tell } = this.#parts;
    if (this.#closedBy !== undefined) return;
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

interface Translated {
  readonly action: Action;
  readonly formula: Formula;
  /** What of it Weir can judge. */
  readonly known: Formula;
  /** Why not the rest; empty where it can judge all. */
  readonly reasons: string;
}

const OTHERWISE = { name: 'otherwise', acls: ['all'] } as const satisfies Partial<RuleDraft>;

function connectionsOf(name: string, tunnels: number): string {
  return `No rule, but limit "${name}" (under limits) of the rules below that allow: ${tunnels} tunnels at once from one client address, and to what is more Weir answers 429 with Retry-After, not 403. Squid counts all connections of a client, Weir its tunnels alone: plain HTTP is not limited by this. More: docs/configuration.md, limits`;
}

/** Names a line where another one is told of. */
function placeOf({ file, line }: Statement, at: Statement): string {
  return file === at.file ? `line ${line}` : `line ${line} of "${file}"`;
}

const IP_TARGET: Readonly<Record<Action, string>> = {
  allow:
    'For a target that is an IP address the rule fails: Weir does not take "not this name" for an answer about an address',
  deny: 'A target that is an IP address is refused by the rules here that ask for a name, whatever the address, as Weir cannot tell whether it is meant. Allow those that may be reached by a rule with dst before this one',
};

const RESOLVED =
  'Squid holds dst for a name where any of its addresses is listed; Weir judges each address, and dials only those that are allowed';

/** How the line is read without what cannot be judged. */
function effectOf({ action, known, reasons }: Translated, draft: Draft): string {
  if (action === 'allow') {
    const effect = known.length === 0 ? 'It allows nothing' : 'It allows less';
    return `${effect}, as Weir cannot judge all of it. ${reasons}`;
  }
  return `${deniedBy(known, draft)}, as Weir cannot judge all of it. ${reasons}`;
}

function deniedBy(known: Formula, draft: Draft): string {
  if (known.some((conjunction) => conjunction.length === 0)) return 'Everything is denied from here on';
  const isTunnels = ([first, ...others]: Conjunction): boolean =>
    others.length === 0 && first?.isNegated === false && isConnect(draft.acls.get(first.acl));
  return known.some(isTunnels) ? 'Every CONNECT is denied from here on' : 'It denies more';
}

function isConnect(acl: AclDraft | undefined): boolean {
  return JSON.stringify(acl) === JSON.stringify({ methods: ['CONNECT'] });
}

/** Whether a target that is an address is judged otherwise than by Squid: where a domain keeps from refusing. */
function judgesAddresses({ action, known }: Translated, draft: Draft): boolean {
  const isNegated = action === 'allow';
  const working = known.map((conjunction) =>
    conjunction.filter((literal) => literal.isNegated === isNegated),
  );
  return ['dstDomains', 'dstDomainRegex'].some((key) => uses(working, key, draft));
}

function uses(formula: Formula, key: string, draft: Draft): boolean {
  return formula.flat().some(({ acl }) => key in (draft.acls.get(acl) ?? {}));
}

/** A literal as rules have it. */
export function textOf({ acl, isNegated }: Conjunction[number]): string {
  return isNegated ? `!${acl}` : acl;
}
