/** Writes to a client what the cache has for it, kept or still coming, with backpressure and by its own limit. */
import type { HeldEntry } from '#cache/entry.ts';
import type { BodyReader } from '#cache/growing-body.ts';
import { hasField } from '#net/headers.ts';
import { type Coming, comingHead, type Head, keptHead, noteBegin, type Word } from './cached-head.ts';
import type { ClientExchange } from './client-exchange.ts';
import type { Fetch } from './fetch.ts';
import { serveReady } from './forward-ready.ts';
import { watchStall } from './stall-clock.ts';

/** What is written at a time, of what is kept. */
const PIECE_BYTES = 256 * 1024;

/** Answers with what is kept in memory. At once where the client takes it. */
export function serveKept(exchange: ClientExchange, kept: HeldEntry, word: Word): Promise<void> | undefined {
  const { tx, response } = exchange;
  if (word.forwarded === undefined && kept.body.length <= PIECE_BYTES && serveReady(exchange, kept, word))
    return response.writableFinished ? undefined : finished(exchange);
  const head = keptHead(exchange, kept, word);
  const { from, end } = head;
  begin(exchange, word, head);
  if (end - from > PIECE_BYTES || tx.claim?.isMetered === true)
    return writePieces(exchange, kept.body.subarray(from, end));
  if (end > from)
    response.end(from === 0 && end === kept.body.length ? kept.body : kept.body.subarray(from, end));
  else response.end();
  return response.writableFinished ? undefined : finished(exchange);
}

async function writePieces(exchange: ClientExchange, body: Buffer): Promise<void> {
  for (let at = 0; at < body.length; at += PIECE_BYTES)
    await write(exchange, body.subarray(at, at + PIECE_BYTES));
  exchange.response.end();
  await finished(exchange);
}

/** What is coming, and the fetch that brings it. Who serves it has joined the fetch before, and leaves it afterwards. */
export interface Fetching extends Coming {
  readonly fetch: Fetch;
}

/** Answers with what a fetch brings, as it comes. */
export async function serveComing(exchange: ClientExchange, coming: Fetching, word: Word): Promise<void> {
  const { tx, response } = exchange;
  const { fetch, isFirst } = coming;
  begin(exchange, word, comingHead(tx, coming, word));
  const reader = fetch.incoming.body?.reader();
  if (reader === undefined) return;
  try {
    await relay(exchange, fetch, reader);
  } finally {
    reader.close();
  }
  if (isFirst && fetch.trailers.length > 0) response.addTrailers(fetch.trailers);
  response.end();
  await finished(exchange);
}

async function relay(exchange: ClientExchange, fetch: Fetch, reader: BodyReader): Promise<void> {
  const { tx, response } = exchange;
  const { body } = fetch.incoming;
  for (;;) {
    const bytes = reader.read();
    if (bytes !== undefined) {
      fetch.noteRead(bytes.length);
      await write(exchange, bytes);
    } else if (body?.fault !== undefined) {
      throw body.fault;
    } else if (body === undefined || body.isEnded) {
      return;
    } else {
      // Of a body that is yet to come the head is written before.
      response.flushHeaders();
      await tx.abort.race(body.more());
    }
  }
}

/** Writes a head; a body may follow. */
export function begin({ tx, response }: ClientExchange, word: Word, { status, phrase, fields }: Head): void {
  noteBegin(tx, word, status);
  if (tx.context.drain.isClosing && !hasField(fields, 'connection')) fields.push('Connection', 'close');
  response.writeHead(status, phrase, fields);
}

/** Resolves when more may be written. @throws {ProxyError} the reason of the transaction's abort */
export async function write({ tx, request, response }: ClientExchange, bytes: Buffer): Promise<void> {
  tx.abort.check();
  const isTaken = response.write(bytes);
  if (tx.claim?.isMetered === true) {
    const paid = Promise.withResolvers<void>();
    if (!tx.claim.count(bytes.length, { onPaid: paid.resolve })) await tx.abort.race(paid.promise);
  }
  if (isTaken || !response.writableNeedDrain) return;
  const drained = Promise.withResolvers<void>();
  if (tx.phase === undefined) watchStall({ tx, request, response });
  response.once('drain', drained.resolve);
  await tx.abort.race(drained.promise);
}

/** Resolves when the client has been given everything. */
export function finished({ tx, request, response }: ClientExchange): Promise<void> {
  if (response.writableFinished) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('finish', resolve);
  watchStall({ tx, request, response });
  return tx.abort.race(promise);
}
