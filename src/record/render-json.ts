/**
 * The native rendering of a record: one line of JSON with the names and the order of docs/access-log.md. It is the hot
 * path, so the line is built as one template, and only what comes from outside is looked at: names are `[a-z0-9._-]` by
 * configuration, addresses are the kernel's, tokens are closed sets. What leaves is printable ASCII, so
 * that nothing a client sends can break a line, colour a terminal or turn its text around.
 */
import { hostPort } from '#net/authority.ts';
import type { RecordEntry } from './entry.ts';
import { isPlain, MAX_URL, name, number, quote, quoteAll, text, timeOf } from './json-text.ts';

/** One line of JSON, without the newline. Fields that are undefined are left out. */
export function renderJson(entry: RecordEntry): string {
  return (
    `{"time":"${timeOf(entry.timeMs)}","event":"${entry.event}","hop":"${entry.hop}"` +
    `,"listener":"${entry.listener}","transaction_id":${quote(entry.transactionId)}` +
    `,"client_ip":"${entry.clientIp}","client_port":${entry.clientPort}` +
    text(',"namespace":', entry.namespace) +
    text(',"pod":', entry.pod) +
    text(',"pod_uid":', entry.podUid) +
    text(',"service_account":', entry.serviceAccount) +
    text(',"asserted_ip":', entry.assertedIp) +
    text(',"user":', entry.user) +
    text(',"method":', entry.method) +
    targetPart(entry) +
    name(',"outcome":"', entry.outcome) +
    name(',"reason":"', entry.reason) +
    `,"status":${entry.status}` +
    text(',"error":', entry.error) +
    name(',"rule":"', entry.rule) +
    reportsPart(entry.reports) +
    `,"policy":"${entry.policy}"` +
    name(',"route":"', entry.route) +
    name(',"peer":"', entry.peer) +
    name(',"upstream_ip":"', entry.upstreamIp) +
    answersPart(entry.answers) +
    `,"bytes_from_client":${entry.bytesFromClient},"bytes_to_client":${entry.bytesToClient}` +
    number(',"duration_ms":', entry.durationMs) +
    number(',"dns_ms":', entry.dnsMs) +
    number(',"connect_ms":', entry.connectMs) +
    number(',"first_byte_ms":', entry.firstByteMs) +
    number(',"peer_dns_ms":', entry.peerDnsMs) +
    number(',"peer_connect_ms":', entry.peerConnectMs) +
    text(',"sni":', entry.sni) +
    alpnPart(entry.alpn) +
    name(',"cache":"', entry.cache) +
    name(',"closed_by":"', entry.closedBy) +
    text(',"detail":', entry.detail) +
    '}'
  );
}

/** The target is host and port in the form in which a client writes them in a CONNECT. */
function targetPart({ host, port, url }: RecordEntry): string {
  const address = host !== undefined && port !== undefined ? addressPart(host, port) : '';
  const part = address === '' ? text(',"host":', host) + number(',"port":', port) : address;
  return url === undefined ? part : `${part},"url":${quote(url, MAX_URL)}`;
}

function addressPart(host: string, port: number): string {
  const target = hostPort(host, port);
  // What is plain with its port is plain without it.
  if (isPlain(target)) {
    return `,"target":"${target}","host":"${host}","port":${port}`;
  }
  return `,"target":${quote(target)},"host":${quote(host)},"port":${port}`;
}

function reportsPart(reports: RecordEntry['reports']): string {
  return reports === undefined ? '' : `,"reports":[${reports.map(({ rule }) => `"${rule}"`).join(',')}]`;
}

/** Addresses, and words of the guard's own. */
function answersPart(answers: RecordEntry['answers']): string {
  if (answers === undefined) return '';
  return `,"dns_answers":[${quoteAll(answers.all)}],"dns_refused":[${quoteAll(answers.refused)}]`;
}

function alpnPart(alpn: RecordEntry['alpn']): string {
  return alpn === undefined ? '' : text(',"alpn":', alpn.join(','));
}
