/**
 * A record as the line of Squid's predefined format `squid`, for what reads such logs: `weir replay` and reports of old. One
 * line stands for a whole transaction, so that `open` and `update` have none, and most of what a record knows has no place in
 * it. Hot path: one template, and no object between.
 */
import { REASONS, type Reason } from '#errors.ts';
import { hostPort } from '#net/authority.ts';
import type { CacheResult, RecordEntry } from './entry.ts';
import { MAX_TEXT, MAX_URL, threeDigits } from './json-text.ts';

/** What separates fields, and what is no printable ASCII. */
const ODD = /[^!-~]/;
const ALL_ODD = /[^!-~]+/g;

/**
 * Refusals of something else than the rules, which may well have allowed: Squid's word for an end without a decision of
 * theirs keeps a replay from taking them for one.
 */
const BESIDES_RULES: ReadonlySet<string | undefined> = new Set<Reason>([
  'name_prohibited',
  'address_prohibited',
  'upgrade_not_allowed',
  'sni_mismatch',
  'hello_missing',
]);

/** time elapsed client result/status bytes method URL user hierarchy/address type, without the newline; empty but for `end`. */
export function renderSquid(entry: RecordEntry): string {
  if (entry.event !== 'end') return '';
  const whole = Math.floor(entry.timeMs);
  const millisecond = whole % 1000;
  return (
    `${(whole - millisecond) / 1000}.${threeDigits(millisecond)} ${elapsedOf(entry.durationMs)} ${entry.clientIp} ` +
    `${resultOf(entry)}/${threeDigits(entry.status)} ${entry.bytesToClient} ${requestOf(entry)} ` +
    `${userOf(entry.user)} ${hierarchyOf(entry)} -`
  );
}

/** Whole milliseconds, rounded up: the transaction began no later. Padded to six places as Squid does. */
function elapsedOf(durationMs: number): string {
  const elapsed = durationMs > 0 ? Math.ceil(Math.round(durationMs * 1000) / 1000) : 0;
  return `${elapsed}`.padStart(6);
}

/** Squid's words for what its cache did. */
const CACHED: Readonly<Record<CacheResult, string>> = {
  hit: 'TCP_MEM_HIT',
  stale: 'TCP_OFFLINE_HIT',
  revalidated: 'TCP_REFRESH_UNMODIFIED',
  miss: 'TCP_MISS',
  bypass: 'TCP_MISS',
};

function resultOf({ reason, rule, method, outcome, cache = 'miss' }: RecordEntry): string {
  if (BESIDES_RULES.has(reason)) return 'NONE_NONE';
  if (reason !== undefined && REASONS[reason].source === 'policy') return 'TCP_DENIED';
  if (rule === undefined) return 'NONE_NONE';
  const result = method === 'CONNECT' ? 'TCP_TUNNEL' : CACHED[cache];
  return outcome === 'client_gone' ? `${result}_ABORTED` : result;
}

/** Method and URL; of a head that could not be read what Squid writes of such. */
function requestOf({ method, host, port, url }: RecordEntry): string {
  if (method === undefined) return 'NONE error:invalid-request';
  const target = url ?? (host === undefined || port === undefined ? undefined : hostPort(host, port));
  return `${word(method, MAX_TEXT)} ${target === undefined ? 'error:invalid-request' : word(target, MAX_URL)}`;
}

/** A lone `-` says that there is none. */
function userOf(user: string | undefined): string {
  if (user === undefined || user === '') return '-';
  return user === '-' ? '%2D' : word(user, MAX_TEXT);
}

/** Way to the next hop, and its address. */
function hierarchyOf({ peer, upstreamIp }: RecordEntry): string {
  if (peer !== undefined) return `FIRSTUP_PARENT/${upstreamIp ?? peer}`;
  return upstreamIp === undefined ? 'HIER_NONE/-' : `HIER_DIRECT/${upstreamIp}`;
}

/** One field: cut to `max`, and percent-encoded where it would not be one. */
function word(value: string, max: number): string {
  const capped = value.length > max ? `${value.slice(0, max)}…` : value;
  if (capped === '') return '-';
  return ODD.test(capped) ? capped.toWellFormed().replace(ALL_ODD, encodeURIComponent) : capped;
}
