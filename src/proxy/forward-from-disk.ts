/** Writes to a client what is kept for it, wherever it is: from disk piece by piece, as fast as the client takes it. */
import type { BodyOnDisk, BodyPieces } from '#cache/body-on-disk.ts';
import { type Entry, isHeld } from '#cache/entry.ts';
import { keptHead, type Word } from './cached-head.ts';
import type { ClientExchange } from './client-exchange.ts';
import { begin, finished, serveKept, write } from './forward-from-cache.ts';
import type { Transaction } from './transaction.ts';

/**
 * Answers with what is kept. What turns out to be damaged behind the head breaks the answer off. A disk that hangs is waited for no
 * longer than the transaction may take.
 * @returns false where it is on disk no more, and the client has heard nothing
 */
export async function serveStored(exchange: ClientExchange, kept: Entry, word: Word): Promise<boolean> {
  if (!isHeld(kept)) return await serveFrom(exchange, kept, word);
  await serveKept(exchange, kept, word);
  return true;
}

async function serveFrom(exchange: ClientExchange, kept: Entry, word: Word): Promise<boolean> {
  const pieces = await openFor(exchange.tx, kept.body as BodyOnDisk);
  if (pieces === undefined) return false;
  try {
    return await serveAll(exchange, { kept, word, pieces });
  } finally {
    close(pieces);
  }
}

interface Stored {
  readonly kept: Entry;
  readonly word: Word;
  readonly pieces: BodyPieces;
}

async function serveAll(exchange: ClientExchange, { kept, word, pieces }: Stored): Promise<boolean> {
  const { tx, response } = exchange;
  const head = keptHead(exchange, kept, word);
  const body = pieces.read(head.from, head.end)[Symbol.asyncIterator]();
  const first = await tx.abort.race(body.next().catch(() => undefined));
  if (first === undefined) return false;
  begin(exchange, word, head);
  for (let piece = first; piece.done !== true; piece = await tx.abort.race(body.next()))
    await write(exchange, piece.value);
  response.end();
  await finished(exchange);
  return true;
}

/** @throws {ProxyError} the reason of the transaction's abort */
async function openFor(tx: Transaction, body: BodyOnDisk): Promise<BodyPieces | undefined> {
  const opening = body.open();
  try {
    return await tx.abort.race(opening);
  } catch (error) {
    opening.then(close, () => {});
    throw error;
  }
}

/** Not waited for: where the disk hangs that would take as long. */
function close(pieces: BodyPieces | undefined): void {
  pieces?.[Symbol.asyncDispose]().then(undefined, () => {});
}
