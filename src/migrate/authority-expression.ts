/**
 * What `url_regex` of Squid says of a CONNECT, whose URL is its `host:port`: by names and ports, which Weir can judge. An
 * expression is found in the name, or in the port, or in both with the colon between them.
 */
import { PatternSet, parsePattern } from '#match/patterns.ts';
import { beginsOtherwise, cutAt, type Subject, type Tree, treeOf, writtenFor } from './expression-tree.ts';

/** Ports as the configuration has them. */
export type PortList = readonly (number | string)[];

/** Where an expression is found in what a CONNECT asks for; nowhere where all is empty. */
export interface AuthorityFinds {
  /** Whatever the host. */
  readonly ports: PortList;
  /** Expressions for the name, whatever the port. */
  readonly names: readonly string[];
  /** In a name and a port together. */
  readonly pairs: readonly NameAndPorts[];
}

export interface NameAndPorts {
  readonly name: string;
  readonly ports: PortList;
}

const DIGITS = '0123456789';
const NAME = `abcdefghijklmnopqrstuvwxyz${DIGITS}._-`;
const BEFORE_PORT = { isStart: true, isEnd: false } as const;
const IN_NAME: Subject = { alphabet: NAME, ...BEFORE_PORT };
const IN_IPV6: Subject = { alphabet: `abcdef${DIGITS}.:[]`, ...BEFORE_PORT };
const IN_PORT: Subject = { alphabet: DIGITS, isStart: false, isEnd: true };

/** Found in no name: what it cannot judge is addresses, as all that judges names. */
const NO_NAME = '^$';

const MOST_RANGES = 128;
const MOST_CUTS = 16;
const EVERY_PORT = '1-65535';

/** An expression for names that finds the same in small letters; undefined where it finds none. `text`: in the syntax of RE2. */
export function withoutCapitals(text: string): string | undefined {
  return writtenFor(treeOf(text, false), { alphabet: NAME, isStart: true, isEnd: true });
}

/** Reads an expression in the syntax of RE2; undefined where what it finds cannot be said by names and ports. */
export function findsInAuthority(text: string, ignoresCase: boolean): AuthorityFinds | undefined {
  const tree = treeOf(text, ignoresCase);
  const cuts = cutAt(tree, ':');
  if (cuts === undefined || cuts.length > MOST_CUTS) return undefined;
  const across = cuts.flatMap(([before, behind]) => acrossOf(before, behind) ?? []);
  const alone = [writtenFor(tree, IN_PORT), ...across.filter(({ isAny }) => isAny).map(({ port }) => port)];
  const ports = portsOf(alone.filter((port) => port !== undefined));
  const pairs = across.filter(({ isAny }) => !isAny).map(({ name, port }) => pairOf(name, port));
  if (ports === undefined || !pairs.every((pair) => pair !== undefined)) return undefined;
  if (isEvery(ports)) return { ports, names: [], pairs: [] };
  const anywhere = pairs.filter((pair) => isEvery(pair.ports)).map(({ name }) => name);
  const names = [nameFor(tree), ...anywhere].filter((name) => name !== undefined);
  return { ports, names, pairs: pairs.filter((pair) => pair.ports.length > 0 && !isEvery(pair.ports)) };
}

/** One way of finding it over the colon. */
interface Across {
  readonly name: string;
  readonly port: string;
  /** Whether any host has what stands before. */
  readonly isAny: boolean;
}

function acrossOf(before: Tree, behind: Tree): Across | undefined {
  const [name, port] = [nameFor(before), writtenFor(behind, IN_PORT)];
  if (name === undefined || port === undefined) return undefined;
  return { name: name === NO_NAME ? name : `${name}$`, port: `^${port}`, isAny: isAnything(before) };
}

function pairOf(name: string, port: string): NameAndPorts | undefined {
  const ports = portsOf([port]);
  return ports && { name, ports };
}

/** Whether it is each port that there is. */
export function isEvery(ports: PortList): boolean {
  return ports[0] === EVERY_PORT;
}

/** For names; one that finds none where it is found in addresses alone, and undefined where it is not found in them either. */
function nameFor(tree: Tree): string | undefined {
  const mayFindIpv6 = writtenFor(tree, IN_IPV6) !== undefined && !beginsOtherwise(tree, '[');
  return writtenFor(tree, IN_NAME) ?? (mayFindIpv6 ? NO_NAME : undefined);
}

/** Whether it is found at the end of every host. */
function isAnything(tree: Tree): boolean {
  return isOptional(tree) || /^\^?\.[*+]$|^\.$/.test(writtenFor(tree, IN_NAME) ?? '');
}

function isOptional(tree: Tree): boolean {
  return tree.kind === 'row' ? tree.parts.every(isOptional) : tree.kind === 'repeat' && tree.least === 0;
}

/** Every port in which one of the expressions is found; undefined where they are too many to list. */
function portsOf(texts: readonly string[]): PortList | undefined {
  if (texts.length === 0) return [];
  if (texts.some((text) => text === '' || text === '^')) return [EVERY_PORT];
  const set = new PatternSet(texts.map(parsePattern), { longest: 5, ignoresCase: false });
  const ranges: { first: number; last: number }[] = [];
  for (let port = 1; port < 65_536; port += 1) {
    if (set.isFoundIn(String(port)) !== true) continue;
    const range = ranges.at(-1);
    if (range?.last === port - 1) range.last = port;
    else if (ranges.length === MOST_RANGES) return undefined;
    else ranges.push({ first: port, last: port });
  }
  return ranges.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
}
