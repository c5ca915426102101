/**
 * Ways out. Squid goes direct whenever a request is not hierarchical (CONNECT never is), and when its parents are down, unless
 * never_direct forbids it. Weir goes direct only where a route says so: here where Squid was told to, or where no parent may
 * take the request. It never falls back from peers to direct.
 */
import type { Balance } from '#peer/options.ts';
import { actionOf, textOf } from './access.ts';
import type { AclTable } from './acl-table.ts';
import { type Draft, freeName } from './draft.ts';
import type { Tell } from './finding.ts';
import {
  ALWAYS,
  and,
  type Formula,
  FormulaTooLarge,
  judgedForAllow,
  judgedForDeny,
  NEVER,
  not,
  or,
} from './formula.ts';
import { balanceOf } from './peer-balance.ts';
import type { SquidPeer } from './peers.ts';
import { type Statement, textsOf, wordAt } from './statement.ts';

/** What routes are made from. */
export interface RouteParts {
  readonly table: AclTable;
  readonly draft: Draft;
  readonly tell: Tell;
  readonly peers: readonly SquidPeer[];
  /** Statements of one name. */
  of(name: string): readonly Statement[];
}

/** Writes the routes. */
export function translateRoutes(parts: RouteParts): void {
  const { draft, peers } = parts;
  const always = formulaOf(parts, parts.of('always_direct'), { otherwise: NEVER, isStrict: true });
  const never = formulaOf(parts, parts.of('never_direct'), { otherwise: NEVER, isStrict: false });
  push(draft, 'always-direct', { formula: always, peers: [] });
  const isCovered = pushPeers(parts);
  if (peers.length > 0) tellLeak(parts, never);
  const mayGoDirect = safely(() => not(never), NEVER);
  if (peers.length === 0) push(draft, 'direct', { formula: mayGoDirect, peers: [] });
  else if (!isCovered) pushRest(parts, mayGoDirect);
  if (draft.routes.length === 0) draft.routes.push({ name: 'none', when: ['!all'], peers: [] });
}

/** What no peer takes goes direct, where it may. */
function pushRest({ draft, tell, peers }: RouteParts, formula: Formula): void {
  if (formula.length === 0) return;
  push(draft, 'no-peer-takes-it', { formula, peers: [] });
  const message =
    'What no peer takes goes out directly, in Squid and by route "no-peer-takes-it"; remove the route unless that is meant';
  for (const { line } of peers) tell(line, 'dangerous', message);
}

/** The routes through peers. @returns whether nothing can come to what follows, or nothing should */
function pushPeers(parts: RouteParts): boolean {
  const groups = groupsOf(parts);
  for (const { formula, members } of groups) {
    const balance = balanceOf(members.map(({ rank }) => rank));
    const names = [...members]
      .sort((a, b) => Number(a.isLastResort) - Number(b.isLastResort))
      .map(({ name }) => name);
    push(parts.draft, 'peers', { formula, peers: names, balance });
  }
  return groups.some(
    ({ formula, isWhole }) => !isWhole || formula.some((conjunction) => conjunction.length === 0),
  );
}

interface PeerGroup {
  readonly formula: Formula;
  /** Whether all of it can be judged: else what the peer would take must not fall through to direct. */
  readonly isWhole: boolean;
  readonly members: readonly SquidPeer[];
}

/** Peers that take the same requests, together; those that take any join every group. */
function groupsOf(parts: RouteParts): PeerGroup[] {
  const lines = parts.of('cache_peer_access');
  tellUnknownPeers(lines, parts);
  const groups = new Map<string, { formula: Formula; isWhole: boolean; members: SquidPeer[] }>();
  for (const peer of parts.peers) {
    const own = lines.filter((line) => wordAt(line, 0).toLowerCase() === peer.squidName.toLowerCase());
    const { formula, isWhole } = acceptance(parts, own);
    const key = JSON.stringify(formula);
    const group = groups.get(key) ?? { formula, isWhole, members: [] };
    group.members.push(peer);
    groups.set(key, group);
  }
  const takesAll = groups.get(JSON.stringify(ALWAYS))?.members ?? [];
  const conditional = [...groups.values()].filter(({ members }) => members !== takesAll);
  const joined = conditional.map((group) => ({ ...group, members: [...group.members, ...takesAll] }));
  return takesAll.length === 0 ? joined : [...joined, { formula: ALWAYS, isWhole: true, members: takesAll }];
}

function tellUnknownPeers(lines: readonly Statement[], { peers, tell }: RouteParts): void {
  for (const line of lines) {
    const name = wordAt(line, 0).toLowerCase();
    if (!peers.some(({ squidName }) => squidName.toLowerCase() === name))
      tell(line, 'error', `There is no peer "${wordAt(line, 0)}"`);
  }
}

/** Which requests a peer takes: all without a line, else by them, with the opposite of the last where none matches. */
function acceptance(parts: RouteParts, lines: readonly Statement[]): { formula: Formula; isWhole: boolean } {
  const rules = lines.map((line): Statement => ({ ...line, words: line.words.slice(1) }));
  const last = rules.findLast((line) => actionOf(line) !== undefined);
  const otherwise = last === undefined || actionOf(last) === 'deny' ? ALWAYS : NEVER;
  const open = formulaOf(parts, rules, { otherwise, isStrict: false });
  const formula = formulaOf(parts, rules, { otherwise, isStrict: true });
  return { formula, isWhole: JSON.stringify(open) === JSON.stringify(formula) };
}

/** What lines are read with. */
type JudgedWith = Pick<RouteParts, 'table' | 'draft' | 'tell'>;

interface Reading {
  /** What holds where no line matches. */
  readonly otherwise: Formula;
  /** Whether what cannot be judged makes it hold less, or more. */
  readonly isStrict: boolean;
}

/** Which requests lines of allow and deny allow: each line counts where none before it has matched. */
export function formulaOf(
  parts: JudgedWith,
  lines: readonly Statement[],
  { otherwise, isStrict }: Reading,
): Formula {
  const fallback = isStrict ? NEVER : ALWAYS;
  return safely(() => {
    let [allowed, rest]: [Formula, Formula] = [NEVER, ALWAYS];
    for (const line of lines) {
      const action = actionOf(line);
      if (action === undefined) continue;
      const formula = conditionOf(parts, line);
      if (action === 'allow') allowed = or(allowed, and(rest, formula));
      rest = and(rest, not(formula));
    }
    const whole = or(allowed, and(rest, otherwise));
    return (isStrict ? judgedForAllow(whole) : judgedForDeny(whole)).formula;
  }, fallback);
}

/** Judged before names are resolved: what needs the address cannot be. */
function conditionOf({ table, draft, tell }: JudgedWith, line: Statement): Formula {
  return table.conjunctionOf(textsOf(line, 1), line).map((conjunction) =>
    conjunction.map((literal) => {
      if (!('dst' in (draft.acls.get(literal.acl) ?? {}))) return literal;
      tell(
        line,
        'changed',
        `This is asked before names are resolved: ACL "${literal.acl}" with dst does not count`,
      );
      return { ...literal, acl: `?${literal.acl}`, unknown: 'it judges the resolved address' };
    }),
  );
}

function safely(compute: () => Formula, fallback: Formula): Formula {
  try {
    return compute();
  } catch (error) {
    if (error instanceof FormulaTooLarge) return fallback;
    throw error;
  }
}

interface Way {
  readonly formula: Formula;
  readonly peers: readonly string[];
  readonly balance?: Balance;
}

function push(draft: Draft, base: string, { formula, ...way }: Way): void {
  for (const conjunction of formula) {
    const name = freeName(base, (taken) => draft.routes.some((route) => route.name === taken));
    draft.routes.push({ name, when: conjunction.map(textOf), ...way });
  }
}

/** Squid's direct way beside its parents. */
function tellLeak({ peers, tell, of }: RouteParts, never: Formula): void {
  if (never.some((conjunction) => conjunction.length === 0)) return;
  const isTunnels = of('nonhierarchical_direct').every((line) => wordAt(line, 0) !== 'off');
  const what = isTunnels
    ? 'Squid sends CONNECT and every other request that is not hierarchical out directly, past this parent, and all others where it is down'
    : 'Squid sends requests out directly where this parent is down';
  const message = `${what}, as no "never_direct allow all" forbids it. Weir goes through the peer or not at all; if direct is meant, write a route with direct: true`;
  for (const { line } of peers) tell(line, 'dangerous', message);
}
