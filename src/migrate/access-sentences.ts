/** What is told of a line of `http_access`: how it is read without what Weir cannot judge, and in what its rules differ. */
import type { AclDraft, Draft, RuleDraft } from './draft.ts';
import type { Tell } from './finding.ts';
import type { Conjunction, Formula } from './formula.ts';
import type { Statement } from './statement.ts';

type Action = RuleDraft['action'];

/** A line with what became of it. */
export interface Translated {
  readonly action: Action;
  readonly formula: Formula;
  /** What of it Weir can judge. */
  readonly known: Formula;
  /** Why not the rest; empty where it can judge all. */
  readonly reasons: string;
  /** Their names. */
  readonly rules: readonly string[];
}

/** Tells what became of a line. */
export function tellTranslated(line: Statement, translated: Translated, { draft, tell }: Told): void {
  const { action, formula, known, reasons, rules } = translated;
  if (formula.length === 0) {
    tell(line, 'dropped', 'It never holds');
    return;
  }
  if (reasons === '') tell(line, 'same', `Rule ${rules.map((name) => `"${name}"`).join(', ')}`);
  else tell(line, action === 'allow' ? 'changed' : 'dangerous', effectOf(translated, draft));
  if (judgesAddresses(translated, draft)) tell(line, 'changed', IP_TARGET[action]);
  if (uses(known, 'dst', draft)) tell(line, 'changed', RESOLVED);
}

interface Told {
  readonly draft: Draft;
  readonly tell: Tell;
}

/** What became of a line that limits connections. */
export function connectionsOf(name: string, tunnels: number): string {
  return `No rule, but limit "${name}" (under limits) of the rules below that allow: ${tunnels} tunnels at once from one client address, and to what is more Weir answers 429 with Retry-After, not 403. Squid counts all connections of a client, Weir its tunnels alone: plain HTTP is not limited by this. More: docs/configuration.md, limits`;
}

/** Names a line where another one is told of. */
export function placeOf({ file, line }: Statement, at: Statement): string {
  return file === at.file ? `line ${line}` : `line ${line} of "${file}"`;
}

/** Names the line after which nothing is reached, where another one is told of. */
export function closingOf(line: Statement, at: Statement): string {
  const place = placeOf(line, at);
  if (line.lost === undefined) return `${place} decides everything`;
  return `the include of ${place} cannot be read, so that everything is denied there`;
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
