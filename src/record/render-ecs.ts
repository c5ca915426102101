/**
 * A record in the names of the Elastic Common Schema, so that it needs no mapping on its way to where such records are searched.
 * What the schema has no field for is under `weir.`. Names are written with their dots, as ECS allows, which spares the nesting;
 * docs/log-shipping.md has the table. Hot path: one template, and no object between.
 */
import type { Outcome } from '#errors.ts';
import type { RecordEntry } from './entry.ts';
import { MAX_URL, name, number, quote, quoteAll, text, timeOf } from './json-text.ts';

/** What is the same in every line. Of the categories and types of ECS only those that a network event may have. */
const CONSTANTS =
  ',"ecs.version":"8.11.0","event.kind":"event","event.category":["network"],"event.module":"weir"' +
  ',"event.dataset":"weir.access","observer.product":"weir","observer.type":"proxy"';

/** ECS knows three; a client that left is neither a success nor a failure. */
const OUTCOMES: Readonly<Record<Outcome, 'success' | 'failure' | 'unknown'>> = {
  completed: 'success',
  drained: 'success',
  client_gone: 'unknown',
  denied: 'failure',
  limited: 'failure',
  failed: 'failure',
  revoked: 'failure',
};

/** Type of ECS for each of our events, beside `connection`. */
const MOMENTS = { open: 'start', update: 'info', end: 'end' } as const;

/** A host that is no name. */
const ADDRESS = /^[\d.]+$|:/;

/** One line of JSON, without the newline. Fields that are undefined are left out. */
export function renderEcs(entry: RecordEntry): string {
  return (
    `{"@timestamp":"${timeOf(entry.timeMs)}"${CONSTANTS}${eventPart(entry)},"observer.name":"${entry.hop}"` +
    `,"transaction.id":${quote(entry.transactionId)}` +
    `,"source.ip":"${entry.clientIp}","source.port":${entry.clientPort},"source.bytes":${entry.bytesFromClient}` +
    text(',"client.ip":', entry.assertedIp) +
    podPart(entry) +
    text(',"user.name":', entry.user) +
    text(',"http.request.method":', entry.method) +
    (entry.status === 0 ? '' : `,"http.response.status_code":${entry.status}`) +
    destinationPart(entry) +
    (entry.url === undefined ? '' : `,"url.full":${quote(entry.url, MAX_URL)}`) +
    name(',"rule.name":"', entry.rule) +
    text(',"error.type":', entry.error) +
    text(',"error.message":', entry.detail) +
    text(',"tls.client.server_name":', entry.sni) +
    ownPart(entry) +
    '}'
  );
}

function eventPart(entry: RecordEntry): string {
  const { event, outcome, reason, durationMs } = entry;
  return (
    `,"event.id":${idOf(entry)},"event.action":"${event}","event.type":[${verdictOf(entry)}"connection","${MOMENTS[event]}"]` +
    `,"event.outcome":"${outcome === undefined ? 'unknown' : OUTCOMES[outcome]}"` +
    name(',"event.reason":"', reason) +
    `,"event.duration":${nanoseconds(durationMs)}`
  );
}

/**
 * The same for the same record whenever it is made, and for no other: a transaction has several records at each hop, and may
 * come to two hosts of one name where a peer is tried after another. What could be cut is last.
 */
function idOf({ hop, event, timeMs, clientPort, transactionId }: RecordEntry): string {
  return quote(`${hop}/${event}/${Math.floor(timeMs)}/${clientPort}/${transactionId}`);
}

/** Of the policy: neither where it was not asked, or did not come to an end. */
function verdictOf({ outcome, rule }: RecordEntry): string {
  if (outcome === 'denied') return '"denied",';
  return rule === undefined ? '' : '"allowed",';
}

/** An integer, as exact as the clock. */
function nanoseconds(ms: number): number {
  return ms > 0 ? Math.round(ms * 1000) * 1000 : 0;
}

function podPart({ namespace, pod, podUid }: RecordEntry): string {
  return (
    text(',"orchestrator.type":"kubernetes","orchestrator.namespace":', namespace) +
    text(',"orchestrator.resource.type":"pod","orchestrator.resource.name":', pod) +
    text(',"orchestrator.resource.id":', podUid)
  );
}

/** Its address is whatever the client asked for, its IP the one that was dialled, where no peer was between. */
function destinationPart({ host, port, peer, upstreamIp, answers, bytesToClient }: RecordEntry): string {
  return (
    text(',"destination.address":', host) +
    (host === undefined || ADDRESS.test(host) ? '' : `,"destination.domain":${quote(host)}`) +
    number(',"destination.port":', port) +
    (peer === undefined ? name(',"destination.ip":"', upstreamIp) : '') +
    `,"destination.bytes":${bytesToClient}` +
    (answers === undefined ? '' : `,"dns.resolved_ip":[${quoteAll(answers.all)}]`)
  );
}

function ownPart(entry: RecordEntry): string {
  const { peer, reports, answers, alpn } = entry;
  return (
    `,"weir.listener":"${entry.listener}","weir.policy":"${entry.policy}"` +
    name(',"weir.outcome":"', entry.outcome) +
    text(',"weir.service_account":', entry.serviceAccount) +
    (reports === undefined ? '' : `,"weir.reports":[${reports.map(({ rule }) => `"${rule}"`).join(',')}]`) +
    name(',"weir.route":"', entry.route) +
    (peer === undefined ? '' : `,"weir.peer":"${peer}"${name(',"weir.peer_ip":"', entry.upstreamIp)}`) +
    (answers === undefined ? '' : `,"weir.dns_refused":[${quoteAll(answers.refused)}]`) +
    number(',"weir.dns_ms":', entry.dnsMs) +
    number(',"weir.connect_ms":', entry.connectMs) +
    number(',"weir.first_byte_ms":', entry.firstByteMs) +
    number(',"weir.peer_dns_ms":', entry.peerDnsMs) +
    number(',"weir.peer_connect_ms":', entry.peerConnectMs) +
    (alpn === undefined ? '' : `,"weir.alpn":[${quoteAll(alpn)}]`) +
    name(',"weir.cache":"', entry.cache) +
    name(',"weir.closed_by":"', entry.closedBy)
  );
}
