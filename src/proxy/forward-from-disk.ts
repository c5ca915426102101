/** Writes to a client what is kept for it, wherever it is: from disk piece by piece, as fast as the client takes it. */
import type { BackedStore } from '#cache/backed-store.ts';
import type { BodyOnDisk, BodyPieces } from '#cache/body-on-disk.ts';
import { type Entry, isHeld } from '#cache/entry.ts';
import { ProxyError } from '#errors.ts';
import { sourceOf } from '#limit/limit.ts';
import type { Deadline } from '#net/wheel.ts';
import { keptHead, type Word } from './cached-head.ts';
import type { ClientExchange } from './client-exchange.ts';
import { begin, finished, serveKept, write } from './forward-from-cache.ts';
import type { Phase, Transaction } from './transaction.ts';

const SILENT_DISK: Phase = {
  onDeadline(tx) {
    diskOf(tx).noteSlow();
    tx.abort.abort(
      new ProxyError('internal_error', { detail: 'The rest of what is kept does not come from disk' }),
    );
  },
};

/**
 * Answers with what is kept. What turns out to be damaged behind the head breaks the answer off, and so does a disk that gives
 * nothing more for `timeouts.idle`.
 * @returns false where it is on disk no more, or does not come from there soon, and the client has heard nothing
 */
export async function serveStored(exchange: ClientExchange, kept: Entry, word: Word): Promise<boolean> {
  if (!isHeld(kept)) return await serveFrom(exchange, kept, word);
  await serveKept(exchange, kept, word);
  return true;
}

async function serveFrom(exchange: ClientExchange, kept: Entry, word: Word): Promise<boolean> {
  const { tx } = exchange;
  const disk = diskOf(tx);
  const late = Promise.withResolvers<undefined>();
  const onDeadline = (): void => {
    disk.noteSlow();
    late.resolve(undefined);
  };
  const clock = tx.context.tools.wheel.deadline({ onDeadline });
  clock.set(disk.maxWaitMs);
  let pieces: BodyPieces | undefined;
  try {
    pieces = await openFor(tx, kept.body as BodyOnDisk, late.promise);
    if (pieces === undefined) return false;
    return await serveAll(exchange, { kept, word, pieces, clock, late: late.promise });
  } finally {
    clock.clear();
    close(pieces);
  }
}

interface Stored {
  readonly kept: Entry;
  readonly word: Word;
  readonly pieces: BodyPieces;
  /** Runs until the answer begins. */
  readonly clock: Deadline;
  /** Resolves when its time is over. */
  readonly late: Promise<undefined>;
}

async function serveAll(exchange: ClientExchange, stored: Stored): Promise<boolean> {
  const { kept, word, pieces, clock, late } = stored;
  const { tx, response } = exchange;
  const head = keptHead(exchange, kept, word);
  const body = pieces.read(head.from, head.end)[Symbol.asyncIterator]();
  const beginning = body.next().catch(() => undefined);
  const first = await tx.abort.race(Promise.race([beginning, late]));
  if (first === undefined) return false;
  clock.clear();
  begin(exchange, word, head);
  for (let piece = first; piece.done !== true; piece = await nextOf(tx, body))
    await write(exchange, piece.value);
  response.end();
  await finished(exchange);
  return true;
}

/** @throws {ProxyError} the reason of the transaction's abort: the disk was silent, too */
async function nextOf(tx: Transaction, body: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
  tx.phase = SILENT_DISK;
  tx.deadline.set(tx.generation.config.timeouts.idle);
  try {
    return await tx.abort.race(body.next());
  } finally {
    // Whoever waits next has a clock of its own.
    tx.phase = undefined;
    tx.deadline.clear();
  }
}

/** @throws {ProxyError} the reason of the transaction's abort */
async function openFor(
  tx: Transaction,
  body: BodyOnDisk,
  late: Promise<undefined>,
): Promise<BodyPieces | undefined> {
  const opening = body.open(tx.assertedIp ?? sourceOf(tx.clientAddress));
  let pieces: BodyPieces | undefined;
  try {
    pieces = await tx.abort.race(Promise.race([opening, late]));
    return pieces;
  } finally {
    if (pieces === undefined) opening.then(close, () => {});
  }
}

/** Not waited for: where the disk hangs that would take as long. */
function close(pieces: BodyPieces | undefined): void {
  pieces?.[Symbol.asyncDispose]().then(undefined, () => {});
}

/** What is on disk comes from there. */
function diskOf({ context }: Transaction): BackedStore['disk'] {
  return (context.cache.backed as BackedStore).disk;
}
