/** An explanation as text for people, and as JSON for programs. */
import { formatPlace } from '#config/places.ts';
import type { LimitOptions } from '#limit/options.ts';
import type { Labels } from '#match/subject.ts';
import type { IpAddress } from '#net/ip.ts';
import { cachePart, cacheTerms } from './cache-terms.ts';
import type { Explanation, Via } from './explain.ts';
import { type HopAnswer, peersAhead } from './explain-hop.ts';
import {
  helloTerms,
  isTold,
  listenerTerms,
  peerTerms,
  securityOfListener,
  securityOfPeer,
} from './hop-terms.ts';
import { placeOfRule, type Tier } from './tier.ts';
import type { RuleTrace, Trace } from './trace.ts';

const VERDICTS = { allow: 'allowed', deny: 'denied', 'needs-address': 'depends on the address' } as const;

/** What became of a rule, in a column. */
const MATCHED = { true: 'yes', false: 'no', null: '?' } as const;

/** Several lines, each ended. */
export function renderExplanation(explanation: Explanation): string {
  const { verdict, hops, via, skipped } = explanation;
  const lines = [`${VERDICTS[verdict]}: ${answerOf(explanation)}`];
  for (const [index, hop] of hops.entries()) lines.push('', ...hopLines(hop, index === 0 ? undefined : via));
  if (skipped !== undefined) {
    lines.push('', `${skipped.tier.config.name} (${skipped.tier.file}) is not asked: ${skipped.why}`);
  }
  return `${lines.join('\n')}\n`;
}

function answerOf({ verdict, status }: Explanation): string {
  if (status !== undefined) return `the client sees ${status}`;
  if (verdict === 'allow') return 'the client sees the answer of the origin';
  if (verdict === 'deny') return 'with which answer depends on the address';
  return 'name it by --address, or have it resolved by --resolve';
}

function hopLines(hop: HopAnswer, via: Via | undefined): string[] {
  const { tier, subject, trace } = hop;
  const { clientAddress, listener, method, host, port } = subject;
  const by = `client ${clientAddress.text}, listener ${listener}`;
  return [
    `${tier.config.name} (${tier.file}): ${method} ${host.text}:${port}, ${by}`,
    ...(via?.assumedFrom === undefined ? [] : [assumption(clientAddress, via.assumedFrom)]),
    ...[listenerTerms(hop)].flatMap((line) => (line === undefined ? [] : [`  ${line}`])),
    ...unknownUserLines(hop),
    ...identityLines(hop),
    ...ruleLines(tier, trace),
    ...concluding(hop).map((line) => `  ${line}`),
  ];
}

function assumption({ text }: IpAddress, network: string): string {
  return `  client ${text} is assumed, out of ${network} in hop.trust.from: --via says another`;
}

function unknownUserLines({ unknownUser, tier }: HopAnswer): string[] {
  if (unknownUser === undefined) return [];
  const why = tier.config.auth === undefined ? 'it has no auth' : 'auth.usersFile has no such line';
  return [`  user ${unknownUser} is nobody to ${tier.config.name}: ${why}`];
}

/** Who the client is, where a configuration says it, or why it does not. */
function identityLines({ subject: { identity }, identityBy, untold, error }: HopAnswer): string[] {
  if (error?.reason === 'assertion_refused') return [`  ${error.message}`];
  if (identity === undefined && untold !== undefined) return [`  nobody tells who asks: ${untold}`];
  if (identity === undefined || identityBy === undefined) return [];
  const { namespace, pod, serviceAccount, podLabels, namespaceLabels } = identity;
  const parts = Object.entries({
    namespace,
    pod,
    'service account': serviceAccount,
    labels: labelsText(podLabels),
    'labels of the namespace': labelsText(namespaceLabels?.labels),
  });
  const told = parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  return [`  client is ${told.join(', ')}, by ${identityBy}`];
}

function labelsText(labels: Labels | undefined): string | undefined {
  return [...(labels ?? [])].map(([name, value]) => `${name}=${value}`).join(' ') || undefined;
}

/** The rules of a trace, each with its place and why. */
export function ruleLines(tier: Tier, { rules }: Trace): string[] {
  const width = Math.max(...rules.map(({ rule }) => rule.length));
  return rules.map((one, index) => {
    const { rule, action, because } = one;
    const place = formatPlace(placeOfRule(tier, { index }));
    return `  ${markOf(one)} ${action.padEnd(5)} ${rule.padEnd(width)}  ${place}  ${because}`;
  });
}

function markOf({ matched, literals }: RuleTrace): string {
  return (literals.length === 0 ? '-' : MATCHED[`${matched}`]).padEnd(3);
}

function concluding(hop: HopAnswer): string[] {
  const { verdict, trace, error, route, addresses, refused, tier, subject } = hop;
  const lines = trace.outcomes.map(({ verdict, rule, address }) => {
    return `an address such as ${address.text} is ${VERDICTS[verdict]} by ${rule?.name ?? 'no rule'}`;
  });
  lines.push(`${VERDICTS[verdict]}${ruleOf(trace)}${error === undefined ? '' : `, reason ${error.reason}`}`);
  if (addresses !== undefined && subject.host.kind === 'name') {
    lines.push(`${subject.host.text} leads to ${addresses.map(({ text }) => text).join(', ')}`);
  }
  const limit = limitOf(hop);
  if (limit !== undefined) lines.push(`${limitLine(limit)}${COUNTED[countedBy(hop)]}`);
  for (const { address, why } of refused) lines.push(`${address.text} is not dialled: ${why}`);
  lines.push(...[helloTerms(hop), cacheTerms(hop)].flatMap((line) => line ?? []));
  if (route !== undefined) lines.push(`route ${route.name}: ${wayOut(hop)}`, ...peerLines(hop));
  if (route?.direct === true && addresses === undefined && verdict !== 'deny') {
    lines.push(`the guard of ${tier.config.name} has still to judge the addresses: --resolve`);
  }
  return lines;
}

/** Under which the request would count. */
function limitOf({ tier, trace }: HopAnswer): LimitOptions | undefined {
  const name = trace.rule?.limit;
  return name === undefined ? undefined : tier.config.limits[name];
}

/** Who counts it: Redis for all, each host for itself, or each ready pod of the tier its share. */
function countedBy({ tier }: HopAnswer): keyof typeof COUNTED {
  if (tier.config.limitStore !== undefined) return 'redis';
  return tier.config.kubernetes === undefined ? 'host' : 'pods';
}

const COUNTED = {
  host: '',
  pods: ', shared out among the ready pods of the tier',
  redis: ', counted in Redis',
} as const;

function limitLine({ name, per, ...resources }: LimitOptions): string {
  const limited = Object.entries(resources).filter(([, most]) => most !== undefined);
  return `limit ${name}: ${limited.map(([resource]) => resource).join(', ')} per ${per}`;
}

function ruleOf({ rule, verdict, outcomes }: Trace): string {
  if (rule !== undefined) return ` by ${rule.name}`;
  return verdict === 'deny' && outcomes.length === 0 ? ', no rule matched' : '';
}

function wayOut(hop: HopAnswer): string {
  const { route, tier } = hop;
  const options = tier.config.routes.find(({ name }) => name === route?.name);
  const peers = peersAhead(hop).map(({ name, address, weight }) => {
    return `${name} ${address.text}${weight === 1 ? '' : ` weight ${weight}`}`;
  });
  if (options?.direct !== true) return `${peers.join(', then ')} (${options?.balance})`;
  return options.source === undefined ? 'direct' : `direct, from ${options.source.text}`;
}

function peerLines(hop: HopAnswer): string[] {
  return peersAhead(hop).flatMap((peer) => peerTerms(peer, hop.tier.config.hop) ?? []);
}

function peersJson(hop: HopAnswer) {
  return peersAhead(hop).map((peer) => ({
    name: peer.name,
    address: peer.address.text,
    weight: peer.weight,
    tls: securityOfPeer(peer) ?? null,
    serverName: peer.tls?.serverName ?? null,
    isTold: isTold(peer, hop.tier.config.hop),
  }));
}

/** What `weir explain --json` prints. */
export function explanationJson({ verdict, status, hops, via, skipped }: Explanation): unknown {
  const unasked = skipped === undefined ? [] : [skippedJson(skipped)];
  const asked = hops.map((hop, index) => hopJson(hop, index === 0 ? undefined : via));
  return { verdict, status: status ?? null, hops: [...asked, ...unasked] };
}

function skippedJson({ tier, why }: NonNullable<Explanation['skipped']>) {
  const because = `not asked: ${why}`;
  const rules = tier.policy.rules.map(({ name, action }) => {
    return { rule: name, action, matched: null, because, literals: [] };
  });
  const trace = rulesJson(tier, { rules });
  return { hop: tier.config.name, file: tier.file, verdict: null, rule: null, route: null, trace };
}

function hopJson(hop: HopAnswer, via: Via | undefined) {
  const { tier, subject, unknownUser, trace, verdict, error, route, addresses, refused } = hop;
  return {
    hop: tier.config.name,
    file: tier.file,
    client: subject.clientAddress.text,
    tls: listenerTls(hop),
    assumedFrom: via?.assumedFrom ?? null,
    unknownUser: unknownUser ?? null,
    identity: identityJson(subject),
    identityBy: hop.identityBy ?? null,
    untold: hop.untold ?? null,
    verdict,
    rule: trace.rule?.name ?? null,
    reason: error?.reason ?? null,
    sni: trace.rule?.sni ?? null,
    limit: limitOf(hop) ?? null,
    limitCountedBy: limitOf(hop) === undefined ? null : countedBy(hop),
    cache: cachePart(hop),
    route: route?.name ?? null,
    peers: peersJson(hop),
    balance: tier.config.routes.find(({ name, direct }) => !direct && name === route?.name)?.balance ?? null,
    addresses: addresses?.map(({ text }) => text) ?? null,
    refused: refused.map(({ address, why }) => ({ address: address.text, why })),
    outcomes: trace.outcomes.map(({ verdict, rule, address }) => {
      return { verdict, rule: rule?.name ?? null, address: address.text };
    }),
    trace: rulesJson(tier, trace),
  };
}

/** Of the listener that takes the connection. */
function listenerTls({ tier, subject }: HopAnswer) {
  const listener = tier.config.listeners.find(({ name }) => name === subject.listener);
  return (listener && securityOfListener(listener)) ?? null;
}

function identityJson({ identity }: HopAnswer['subject']) {
  if (identity === undefined) return null;
  const { namespace = null, pod = null, serviceAccount = null, podLabels, namespaceLabels } = identity;
  const labels = labelsJson(podLabels);
  return { namespace, pod, serviceAccount, labels, namespaceLabels: labelsJson(namespaceLabels?.labels) };
}

function labelsJson(labels: Labels | undefined): Readonly<Record<string, string>> | null {
  return labels === undefined ? null : Object.fromEntries(labels);
}

/** The rules of a trace, with their places. */
export function rulesJson(tier: Tier, { rules }: Pick<Trace, 'rules'>): readonly unknown[] {
  return rules.map(({ rule, action, matched, because, literals }, index) => {
    const { line, column } = placeOfRule(tier, { index });
    const mode = tier.policy.rules[index]?.mode;
    return { rule, action, mode, matched, because, line, column, literals };
  });
}
