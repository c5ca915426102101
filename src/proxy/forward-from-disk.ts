/** Writes to a client what is kept for it, wherever it is: from disk piece by piece, as fast as the client takes it. */
import type { BodyOnDisk } from '#cache/body-on-disk.ts';
import { type Entry, isHeld } from '#cache/entry.ts';
import { keptHead, type Word } from './cached-head.ts';
import type { ClientExchange } from './client-exchange.ts';
import { begin, finished, serveKept, write } from './forward-from-cache.ts';

/**
 * Answers with what is kept. What turns out to be damaged behind the head breaks the answer off.
 * @returns false where it is on disk no more, and the client has heard nothing
 */
export async function serveStored(exchange: ClientExchange, kept: Entry, word: Word): Promise<boolean> {
  if (!isHeld(kept)) return await serveFrom(exchange, kept, word);
  await serveKept(exchange, kept, word);
  return true;
}

async function serveFrom(exchange: ClientExchange, kept: Entry, word: Word): Promise<boolean> {
  const { response } = exchange;
  await using pieces = await (kept.body as BodyOnDisk).open();
  if (pieces === undefined) return false;
  const head = keptHead(exchange, kept, word);
  const body = pieces.read(head.from, head.end)[Symbol.asyncIterator]();
  const first = await body.next().catch(() => undefined);
  if (first === undefined) return false;
  begin(exchange, word, head);
  for (let piece = first; piece.done !== true; piece = await body.next()) await write(exchange, piece.value);
  response.end();
  await finished(exchange);
  return true;
}
