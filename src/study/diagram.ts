/**
 * Configurations as one Mermaid flowchart: how a request goes through listeners, rules in their order, routes and peers, tier
 * by tier. The same files give the same text, so that a change to the policy is a change to the picture.
 */
import type { RuleOptions } from '#acl/rule.ts';
import type { Config, ListenerOptions } from '#config/config.ts';
import { hostPort } from '#net/authority.ts';
import type { PeerOptions, RouteOptions } from '#peer/options.ts';
import { mayHavePort } from './doors.ts';
import { isBelieved, isTold, securityOfListener, securityOfPeer } from './hop-terms.ts';

/** The parts of a configuration that are drawn. */
export type Tier = Pick<Config, 'name' | 'listeners' | 'policy' | 'routes' | 'peers' | 'hop'>;

/** Lines of one tier: those inside its frame, and arrows, some of which lead out of it. */
interface Drawn {
  readonly frame: readonly string[];
  readonly arrows: readonly string[];
}

const CLIENTS = 'clients';
const INTERNET = 'internet';

/** Mermaid text of the tiers, in the order in which requests go through them. */
export function diagram(tiers: readonly Tier[]): string {
  const drawn = tiers.map((tier, index) => drawTier(tier, index, tiers[index + 1]));
  const isDirect = tiers.some(({ routes }) => routes.some(({ direct }) => direct));
  const lines = [
    'flowchart LR',
    `  ${CLIENTS}([Clients])`,
    ...drawn.flatMap(({ frame }) => frame),
    ...(isDirect ? [`  ${INTERNET}([Internet])`] : []),
    ...entries(tiers[0]),
    ...drawn.flatMap(({ arrows }) => arrows),
  ];
  return `${lines.join('\n')}\n`;
}

function entries(first: Tier | undefined): string[] {
  const listeners = first?.listeners ?? [];
  return listeners.map((listener, index) =>
    arrow(CLIENTS, id(0, 'listener', index), securityOfListener(listener)),
  );
}

function whereOf({ host, port, socket }: ListenerOptions): string {
  return socket === undefined ? hostPort(host, port) : `systemd:${socket}`;
}

function drawTier(tier: Tier, at: number, next: Tier | undefined): Drawn {
  const { name, listeners, policy, routes } = tier;
  const peers = Object.values(tier.peers);
  const frame = [
    `  subgraph ${frameId(at)}[${label(name)}]`,
    ...listeners.map((listener, index) =>
      node(id(at, 'listener', index), `listener ${listener.name}`, whereOf(listener)),
    ),
    ...policy.access.map((rule, index) => ruleNode(id(at, 'rule', index), rule, index)),
    node(id(at, 'denied'), '403 denied'),
    ...routes.map((route, index) => node(id(at, 'route', index), ...routeTexts(route))),
    ...(isWhole(routes) ? [] : [node(id(at, 'noroute'), '500 no route')]),
    ...peers.map((peer, index) =>
      node(id(at, 'peer', index), ...peerTexts(peer), ...(next === undefined ? wordOn(tier, peer) : [])),
    ),
    '  end',
  ];
  const firstRule = id(at, policy.access.length > 0 ? 'rule' : 'denied', 0);
  const arrows = [
    ...listeners.map((_, index) => arrow(id(at, 'listener', index), firstRule)),
    ...policy.access.flatMap((rule, index) => ruleArrows(tier, at, { rule, index })),
    ...routes.flatMap((route, index) => routeArrows(tier, at, { route, index })),
    ...peers.flatMap((peer, index) => peerArrows(tier, { at, index, peer }, next)),
  ];
  return { frame, arrows };
}

/** A lozenge: which way it goes on depends on the rule. */
function ruleNode(nodeId: string, { name, mode, allow = [], deny = [] }: RuleOptions, index: number): string {
  const action = allow.length > 0 ? 'allow' : 'deny';
  const condition = [...allow, ...deny].join(' and ');
  const what = `${mode === 'report' ? 'report ' : ''}${action} ${condition}`;
  return `    ${nodeId}{${label(`rule ${index + 1}: ${name}`, what)}}`;
}

function ruleArrows(tier: Tier, at: number, { rule, index }: { rule: RuleOptions; index: number }): string[] {
  const isLast = index === tier.policy.access.length - 1;
  const next = isLast ? id(at, 'denied') : id(at, 'rule', index + 1);
  // Whatever it finds, the next rule is asked.
  if (rule.mode === 'report') return [arrow(id(at, 'rule', index), next)];
  const holds = rule.allow === undefined ? id(at, 'denied') : firstRoute(tier, at);
  const word = rule.allow === undefined ? 'denied' : 'allowed';
  return [arrow(id(at, 'rule', index), holds, word), arrow(id(at, 'rule', index), next, 'else')];
}

/** Whether there is a route for whatever is allowed. */
function isWhole(routes: readonly RouteOptions[]): boolean {
  return routes.some(({ when }) => when.length === 0);
}

function firstRoute({ routes }: Tier, at: number): string {
  return routes.length > 0 ? id(at, 'route', 0) : id(at, 'noroute');
}

function routeTexts({ name, when, direct, source, balance, peers }: RouteOptions): [string, ...string[]] {
  const from = source === undefined ? '' : ` from ${source.text}`;
  const way = direct ? `direct${from}` : peers.length > 1 ? balance : 'by peer';
  return [`route ${name}`, ...(when.length > 0 ? [`when ${when.join(' and ')}`] : []), way];
}

function peerTexts({ name, address, weight, maxTunnels, standby }: PeerOptions): [string, ...string[]] {
  const bounds = [
    ...(weight === 1 ? [] : [`weight ${weight}`]),
    ...(maxTunnels === undefined ? [] : [`at most ${maxTunnels} tunnels`]),
    ...(standby === 0 ? [] : [`${standby} standby`]),
  ];
  return [`peer ${name}`, address.text, ...(bounds.length > 0 ? [bounds.join(', ')] : [])];
}

function routeArrows(
  tier: Tier,
  at: number,
  { route, index }: { route: RouteOptions; index: number },
): string[] {
  const from = id(at, 'route', index);
  const names = Object.keys(tier.peers);
  const ways = route.direct
    ? [arrow(from, INTERNET)]
    : route.peers.map((name) => arrow(from, id(at, 'peer', names.indexOf(name))));
  // Without a condition nothing comes behind it.
  if (route.when.length === 0) return ways;
  const isLast = index === tier.routes.length - 1;
  return [...ways, arrow(from, isLast ? id(at, 'noroute') : id(at, 'route', index + 1), 'else')];
}

interface DrawnPeer {
  readonly peer: PeerOptions;
  /** Of its tier, and its place there. */
  readonly at: number;
  readonly index: number;
}

/** To the listeners of the next tier that have the peer's port or may have it, or to that tier as a whole. */
function peerArrows(tier: Tier, { peer, at, index }: DrawnPeer, next: Tier | undefined): string[] {
  if (next === undefined) return [];
  const from = id(at, 'peer', index);
  const [word] = wordOn(tier, peer, next);
  const { port } = peer.address;
  const matching = next.listeners.flatMap((one, place) => (mayHavePort(one, port) ? [place] : []));
  if (matching.length === 0) return [arrow(from, frameId(at + 1), word)];
  return matching.map((place) => arrow(from, id(at + 1, 'listener', place), word));
}

/** How the peer is spoken to and what it is told, where that is more than plain TCP and nothing. */
function wordOn({ hop }: Tier, peer: PeerOptions, next?: Tier): string[] {
  const isHeard = next !== undefined && isBelieved(peer.address.text, hop, next.hop);
  const words = [
    ...[securityOfPeer(peer)].flatMap((security) => security ?? []),
    ...(isTold(peer, hop) ? [`identity ${isHeard ? 'believed' : 'asserted'}`] : []),
  ];
  return words.length === 0 ? [] : [words.join(', ')];
}

function frameId(at: number): string {
  return `tier${at + 1}`;
}

function id(at: number, kind: string, index?: number): string {
  const number = index === undefined || kind === 'denied' ? '' : String(index + 1);
  return `${frameId(at)}_${kind}${number}`;
}

function node(nodeId: string, ...lines: readonly string[]): string {
  return `    ${nodeId}[${label(...lines)}]`;
}

function arrow(from: string, to: string, word?: string): string {
  return word === undefined ? `  ${from} --> ${to}` : `  ${from} -->|${word}| ${to}`;
}

/** Quoted, one line below the other. What Mermaid, Markdown or HTML would obey is written by its code. */
function label(...lines: readonly string[]): string {
  return `"${lines.map(escaped).join('<br/>')}"`;
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w !.,:[\]()/-]/g, (char) => `#${char.codePointAt(0)};`);
}
