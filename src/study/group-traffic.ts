/**
 * From requests to rules that allow these and, but for networks and folded names, no others: a rule is a product of clients,
 * hosts, ports and methods, so only what has the other three in common goes into one.
 */
import { registrableDomain } from './registrable-domain.ts';
import { mergeSightings, type Sightings, type TableRow } from './sightings.ts';

export interface SuggestedHost {
  /** An exact name, a domain `.x.com`, or a network of one address. */
  readonly text: string;
  /** Names that were folded into it; empty where it stands for itself. */
  readonly names: readonly string[];
  readonly seen: Sightings;
}

export interface SuggestedRule {
  readonly sources: {
    readonly kind: 'namespace' | 'network';
    readonly values: readonly string[];
  };
  readonly methods: readonly string[];
  readonly ports: readonly number[];
  /** Whether the hosts are addresses; a rule has either those or names. */
  readonly hostKind: 'name' | 'ip';
  readonly hosts: readonly SuggestedHost[];
  readonly seen: Sightings;
}

interface Request {
  readonly kind: string;
  readonly source: string;
  readonly method: string;
  readonly hostKind: string;
  readonly host: string;
  readonly port: number;
  readonly seen: Sightings;
}

/** The hosts of one source that are asked for with the same methods and ports. */
interface Block {
  readonly kind: string;
  readonly source: string;
  readonly methods: readonly string[];
  readonly ports: readonly number[];
  readonly hostKind: string;
  readonly hosts: readonly SuggestedHost[];
}

/** @param rows of kind of source, source, method, kind of host, host, port */
export function groupTraffic(rows: readonly TableRow[], fold: boolean): SuggestedRule[] {
  const byHost = groupBy(rows.map(requestOf), ({ kind, source, host }) => [kind, source, host]);
  const pieces = byHost.flatMap(piecesOf);
  const blocks = groupBy(pieces, (piece) => [piece.kind, piece.source, ...shapeOf(piece)]).map((group) => {
    const hosts = group.flatMap(({ hosts }) => hosts);
    return { ...(group[0] as Block), hosts: sortHosts(fold ? folded(hosts) : hosts) };
  });
  const rules = groupBy(blocks, (block) => [block.kind, ...shapeOf(block), textsOf(block.hosts)]).map(ruleOf);
  return rules.sort(byKindAndCount);
}

/** Addresses come last: a name is resolved only where no rule before decides by itself. */
function byKindAndCount(a: SuggestedRule, b: SuggestedRule): number {
  const byKind = Number(a.hostKind === 'ip') - Number(b.hostKind === 'ip');
  return byKind || b.seen.count - a.seen.count || compare(JSON.stringify(a), JSON.stringify(b));
}

function requestOf({ row, seen }: TableRow): Request {
  const [kind = '', source = '', method = '', hostKind = '', host = '', port] = row;
  return { kind, source, method, hostKind, host, port: Number(port), seen };
}

/** What was asked of one host, cut into products of methods and ports. */
function piecesOf(requests: readonly Request[]): Block[] {
  const byPort = groupBy(requests, ({ port }) => [port]);
  const methodsOf = (group: readonly Request[]): string[] => group.map(({ method }) => method).sort();
  return groupBy(byPort, (group) => methodsOf(group)).map((groups) => {
    const all = groups.flat();
    const { kind, source, hostKind, host } = all[0] as Request;
    return {
      kind,
      source,
      hostKind,
      methods: methodsOf(groups[0] as Request[]),
      ports: groups.map((group) => (group[0] as Request).port).sort((a, b) => a - b),
      hosts: [{ text: host, names: [], seen: mergeSightings(all.map(({ seen }) => seen)) }],
    };
  });
}

function shapeOf({ methods, ports, hostKind }: Block): unknown[] {
  return [methods, ports, hostKind];
}

function textsOf(hosts: readonly SuggestedHost[]): string[] {
  return hosts.map(({ text }) => text).sort();
}

/** Where several names have a registrable domain in common, the domain in their place. */
function folded(hosts: readonly SuggestedHost[]): SuggestedHost[] {
  return groupBy(hosts, ({ text }) => [
    registrableDomain(text) ?? '',
    registrableDomain(text) ? '' : text,
  ]).map((group) => {
    const [first] = group as [SuggestedHost];
    if (group.length === 1) return first;
    return {
      text: `.${registrableDomain(first.text)}`,
      names: textsOf(group),
      seen: mergeSightings(group.map(({ seen }) => seen)),
    };
  });
}

/** One rule for all who asked for the same. */
function ruleOf(blocks: readonly Block[]): SuggestedRule {
  const [{ kind, methods, ports, hostKind }] = blocks as [Block];
  const hosts = groupBy(
    blocks.flatMap(({ hosts }) => hosts),
    ({ text }) => [text],
  ).map(mergeHosts);
  return {
    sources: {
      kind: kind === 'namespace' ? kind : 'network',
      values: blocks.map(({ source }) => source).sort(),
    },
    methods,
    ports,
    hostKind: hostKind === 'ip' ? 'ip' : 'name',
    hosts: sortHosts(hosts),
    seen: mergeSightings(hosts.map(({ seen }) => seen)),
  };
}

function mergeHosts(group: readonly SuggestedHost[]): SuggestedHost {
  const names = [...new Set(group.flatMap(({ names }) => names))].sort();
  return { text: String(group[0]?.text), names, seen: mergeSightings(group.map(({ seen }) => seen)) };
}

function sortHosts(hosts: readonly SuggestedHost[]): SuggestedHost[] {
  return hosts.toSorted((a, b) => b.seen.count - a.seen.count || compare(a.text, b.text));
}

/** In the order in which each key first comes. */
function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => readonly unknown[]): Item[][] {
  return [...Map.groupBy(items, (item) => JSON.stringify(keyOf(item))).values()];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
