/**
 * The records of transactions: what was decided on each, as the access log names it. Made for every one, so the line is built as one
 * template; that it is what canonical.ts would make of the same members is the test's to hold.
 */
import type { RecordEntry } from '#record/entry.ts';
import { timeOf } from '#record/json-text.ts';
import { type Body, quote } from './canonical.ts';

const MAX_URL = 2048;

/** That it may pass; made before anything is dialled. */
export function permitBody(entry: RecordEntry): Body {
  return bodyOfDecision(entry, 'decision', 'allow');
}

/** Undefined where its end tells of no decision but the one that let it pass. */
export function endBody(entry: RecordEntry): Body | undefined {
  const { event, outcome, reason } = entry;
  if (event !== 'end') return undefined;
  if (outcome === 'revoked') return bodyOfDecision(entry, 'revocation', 'deny');
  const isRefused = outcome === 'denied' || outcome === 'limited' || reason === 'audit_unavailable';
  return isRefused ? bodyOfDecision(entry, 'decision', 'deny') : undefined;
}

function bodyOfDecision(entry: RecordEntry, event: string, verdict: string): Body {
  const { reports } = entry;
  return (text('asserted_ip', entry.assertedIp) +
    `"client_ip":"${entry.clientIp}","client_port":${entry.clientPort},"event":"${event}",\n` +
    `"hop":"${entry.hop}",${text('host', entry.host)}"listener":"${entry.listener}",` +
    text('method', entry.method) +
    text('namespace', entry.namespace) +
    text('pod', entry.pod) +
    text('pod_uid', entry.podUid) +
    `"policy":"${entry.policy}",` +
    (entry.port === undefined ? '\n' : `"port":${entry.port},\n`) +
    text('reason', entry.reason) +
    (reports === undefined ? '' : `"reports":[${reports.map(({ rule }) => `"${rule}"`).join(',')}],`) +
    text('route', entry.route) +
    text('rule', entry.rule) +
    '\n' +
    (entry.serviceAccount === undefined ? '' : `,"service_account":${quote(entry.serviceAccount)}`) +
    `,"time":"${timeOf(entry.timeMs)}","transaction_id":${quote(entry.transactionId)}` +
    (entry.url === undefined ? '' : `,"url":${quote(entry.url, MAX_URL)}`) +
    (entry.user === undefined ? '' : `,"user":${quote(entry.user)}`) +
    `,"verdict":"${verdict}"`) as Body;
}

function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `"${name}":${quote(value)},`;
}
