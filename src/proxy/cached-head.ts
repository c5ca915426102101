/** Heads of answers from the cache, with what this hop says of them. */
import { type CacheStatus, renderCacheStatus } from '#cache/cache-status.ts';
import type { Entry } from '#cache/entry.ts';
import { ageOf } from '#cache/freshness.ts';
import { type ServedHead, servedHead } from '#cache/served-head.ts';
import { type RawHeaders, valuesOf } from '#net/headers.ts';
import { renderProxyStatus } from '#net/proxy-status.ts';
import type { CacheResult } from '#record/entry.ts';
import type { ClientExchange } from './client-exchange.ts';
import type { Answer } from './fetched.ts';
import type { Transaction } from './transaction.ts';

/** What the record and Cache-Status say. */
export interface Word extends Omit<CacheStatus, 'hop' | 'ttl'> {
  readonly result: CacheResult;
}

/** What a fetch brings to one client. */
export interface Coming {
  readonly answer: Answer;
  /** It was begun for this client. */
  readonly isFirst: boolean;
}

export type Head = Pick<ServedHead, 'status' | 'phrase' | 'fields'>;

/** An answer from the cache begins: the time to establish is over. @throws {ProxyError} the reason of the transaction's abort */
export function noteBegin(tx: Transaction, { result }: Word, status: number): void {
  tx.abort.check();
  tx.deadline.clear();
  tx.phase = undefined;
  tx.cache = result;
  tx.status = status;
  tx.firstByteMs = tx.elapsedMs();
}

/** Of what is kept. */
export function keptHead({ tx, request }: ClientExchange, kept: Entry, word: Word): ServedHead {
  const nowMs = Date.now();
  const head = servedHead({ method: tx.method, headers: request.rawHeaders }, kept, nowMs);
  head.fields.push(...ownFields(tx, kept.status), 'Cache-Status', member(tx, word, ttlOf(kept, nowMs)));
  return head;
}

/** Of an answer that is coming: as it came for the client that it was asked for, and for who comes later what is kept of it. */
export function comingHead(tx: Transaction, { answer, isFirst }: Coming, word: Word): Head {
  const { status, phrase, entry } = answer;
  const nowMs = Date.now();
  const fields =
    isFirst || entry === undefined ? [...answer.fields] : sharedFields(tx, { answer, entry }, nowMs);
  fields.push('Cache-Status', member(tx, word, entry && ttlOf(entry, nowMs)));
  return { status, phrase, fields };
}

function sharedFields(
  tx: Transaction,
  { answer, entry }: { readonly answer: Answer; readonly entry: Entry },
  nowMs: number,
): string[] {
  const fields = [...entry.headers, ...ownFields(tx, entry.status)];
  fields.push('Age', String(Math.floor(ageOf(entry.freshness, nowMs) / 1000)));
  const [length] = valuesOf(answer.fields, 'content-length');
  if (length !== undefined) fields.push('Content-Length', length);
  return fields;
}

/** What hops of ours are told with every answer. */
function ownFields(tx: Transaction, receivedStatus: number): RawHeaders {
  if (!tx.isFromHop) return [];
  return [
    'Proxy-Status',
    renderProxyStatus({ hop: tx.context.hop, receivedStatus }),
    'Weir-Transaction',
    tx.id,
  ];
}

function member({ context: { hop } }: Transaction, word: Word, ttl: number | undefined): string {
  return renderCacheStatus({ ...word, hop, ttl });
}

function ttlOf({ freshness }: Entry, nowMs: number): number {
  return Math.floor((freshness.lifetimeMs - ageOf(freshness, nowMs)) / 1000);
}
