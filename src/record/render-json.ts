/**
 * The native rendering of a record: one line of JSON with the names and the order of docs/access-log.md. It is the hot
 * path, so the line is put together of few pieces, what many lines have in common being made once, and only what comes from outside is
 * looked at: names are `[a-z0-9._-]` by configuration, addresses are the kernel's, tokens are closed sets. What leaves is printable
 * ASCII, so that nothing a client sends can break a line, colour a terminal or turn its text around.
 */
import { hostPort } from '#net/authority.ts';
import type { RecordEntry } from './entry.ts';
import { isPlain, MAX_URL, name, number, quote, quoteAll, quoteOnce, text, timeOf } from './json-text.ts';
import { SharedParts } from './shared-parts.ts';

/** One line of JSON, without the newline. Fields that are undefined are left out. */
export function renderJson(entry: RecordEntry): string {
  return (
    `{"time":"${timeOf(entry.timeMs)}` +
    PLACES.of(entry) +
    quoteOnce(entry.transactionId) +
    `,"client_ip":"${entry.clientIp}","client_port":${entry.clientPort}` +
    clientPart(entry) +
    TARGETS.of(entry) +
    urlPart(entry.url) +
    DECISIONS.of(entry) +
    dialPart(entry) +
    `,"bytes_from_client":${entry.bytesFromClient},"bytes_to_client":${entry.bytesToClient}` +
    number(',"duration_ms":', entry.durationMs) +
    phasesPart(entry) +
    endPart(entry) +
    '}'
  );
}

/** Where it was taken. */
const PLACES = new SharedParts({
  placeOf: ({ listener, event }) => listener.length * 8 + event.length,
  isSame: (a, b) => a.event === b.event && a.hop === b.hop && a.listener === b.listener,
  render: ({ event, hop, listener }) =>
    `","event":"${event}","hop":"${hop}","listener":"${listener}","transaction_id":`,
});

/** Who asks: nothing, where that is an address and no more. */
function clientPart(entry: RecordEntry): string {
  return (
    text(',"namespace":', entry.namespace) +
    text(',"pod":', entry.pod) +
    text(',"pod_uid":', entry.podUid) +
    text(',"service_account":', entry.serviceAccount) +
    text(',"asserted_ip":', entry.assertedIp) +
    text(',"user":', entry.user)
  );
}

/** What is asked for. */
const TARGETS = new SharedParts({
  placeOf: ({ host = '', port = 0 }) => host.length * 31 + port,
  isSame: (a, b) => a.host === b.host && a.port === b.port && a.method === b.method,
  render: ({ method, host, port }) => text(',"method":', method) + targetPart(host, port),
});

/** The target is host and port in the form in which a client writes them in a CONNECT. */
function targetPart(host: string | undefined, port: number | undefined): string {
  if (host !== undefined && port !== undefined) return addressPart(host, port);
  return text(',"host":', host) + number(',"port":', port);
}

function addressPart(host: string, port: number): string {
  const target = hostPort(host, port);
  // What is plain with its port is plain without it.
  if (isPlain(target)) {
    return `,"target":"${target}","host":"${host}","port":${port}`;
  }
  return `,"target":${quote(target)},"host":${quote(host)},"port":${port}`;
}

function urlPart(url: string | undefined): string {
  return url === undefined ? '' : `,"url":${quote(url, MAX_URL)}`;
}

/** What became of it, and by whose word. */
const DECISIONS = new SharedParts({
  // Of a tunnel the record that opens it has no outcome.
  placeOf: ({ status, outcome = '', rule = '', route = '' }) =>
    status + outcome.length * 3 + rule.length * 7 + route.length,
  isSame: (a, b) =>
    a.rule === b.rule &&
    a.status === b.status &&
    a.outcome === b.outcome &&
    a.reason === b.reason &&
    a.error === b.error &&
    a.reports === b.reports &&
    a.policy === b.policy &&
    a.route === b.route &&
    a.peer === b.peer,
  render: (entry) =>
    `${name(',"outcome":"', entry.outcome)}${name(',"reason":"', entry.reason)},"status":${entry.status}` +
    `${text(',"error":', entry.error)}${name(',"rule":"', entry.rule)}${reportsPart(entry.reports)}` +
    `,"policy":"${entry.policy}"${name(',"route":"', entry.route)}${name(',"peer":"', entry.peer)}`,
});

function reportsPart(reports: RecordEntry['reports']): string {
  return reports === undefined ? '' : `,"reports":[${reports.map(({ rule }) => `"${rule}"`).join(',')}]`;
}

/** Where it went. */
function dialPart({ upstreamIp, answers }: RecordEntry): string {
  return name(',"upstream_ip":"', upstreamIp) + answersPart(answers);
}

/** Addresses, and words of the guard's own. */
function answersPart(answers: RecordEntry['answers']): string {
  if (answers === undefined) return '';
  return `,"dns_answers":[${quoteAll(answers.all)}],"dns_refused":[${quoteAll(answers.refused)}]`;
}

/** How long each step took that there was. */
function phasesPart(entry: RecordEntry): string {
  return (
    number(',"dns_ms":', entry.dnsMs) +
    number(',"connect_ms":', entry.connectMs) +
    number(',"first_byte_ms":', entry.firstByteMs) +
    number(',"peer_dns_ms":', entry.peerDnsMs) +
    number(',"peer_connect_ms":', entry.peerConnectMs)
  );
}

function endPart({ sni, alpn, cache, closedBy, detail }: RecordEntry): string {
  return (
    text(',"sni":', sni) +
    alpnPart(alpn) +
    name(',"cache":"', cache) +
    name(',"closed_by":"', closedBy) +
    text(',"detail":', detail)
  );
}

function alpnPart(alpn: RecordEntry['alpn']): string {
  return alpn === undefined ? '' : text(',"alpn":', alpn.join(','));
}
