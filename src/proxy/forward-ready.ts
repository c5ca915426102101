/**
 * Gives what is asked for often as bytes that are ready (cache/ready-answers.ts): all of what is kept, which is the same for every client
 * but a hop of ours, with which each answer speaks of its transaction.
 */
import type { HeldEntry } from '#cache/entry.ts';
import { ageOf } from '#cache/freshness.ts';
import { MAX_READY_BYTES } from '#cache/ready-answers.ts';
import { FieldNames } from '#net/headers.ts';
import { keptHead, noteBegin, type Word } from './cached-head.ts';
import type { ClientExchange, ClientRequest } from './client-exchange.ts';
import { LegResponse } from './leg-response.ts';
import type { Transaction } from './transaction.ts';

/** Who asks with one of these may get less than all. */
const ASKING_FOR_LESS = new FieldNames(['range', 'if-none-match', 'if-modified-since']);

/** Answers with what is kept where that is ready, or worth to be made so. @returns whether it did; else nothing has happened */
export function serveReady(exchange: ClientExchange, kept: HeldEntry, word: Word): boolean {
  const { tx, request, response } = exchange;
  if (!(response instanceof LegResponse) || isForOne(tx) || !isForAll(request)) return false;
  const { freshness, ready } = kept;
  const ageMs = ageOf(freshness, Date.now());
  const ttl = Math.floor((freshness.lifetimeMs - ageMs) / 1000);
  if (!ready.isOf(Math.floor(ageMs / 1000), ttl, response.keepAlive)) return false;
  if (ready.bytes === undefined) makeReady(exchange, response, kept);
  if (ready.bytes === undefined) return false;
  noteBegin(tx, word, kept.status);
  response.endReady(ready.bytes, ready.isWhole ? undefined : kept.body);
  return true;
}

/** Whether its answer says what no other does, or is counted while it is written. */
function isForOne({ isFromHop, context, claim }: Transaction): boolean {
  return isFromHop || context.drain.isClosing || claim?.isMetered === true;
}

function isForAll({ method, rawHeaders }: ClientRequest): boolean {
  if (method !== 'GET') return false;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (ASKING_FOR_LESS.has(rawHeaders[i] as string)) return false;
  return true;
}

function makeReady(exchange: ClientExchange, response: LegResponse, kept: HeldEntry): void {
  const { status, phrase, fields } = keptHead(exchange, kept, { result: 'hit' });
  response.writeHead(status, phrase, fields);
  const isWhole = response.headLength + kept.body.length <= MAX_READY_BYTES;
  const bytes = response.takeBytes(isWhole ? kept.body : undefined);
  exchange.tx.context.cache.ready.keep(kept.ready, bytes, isWhole);
}
