/** Plain requests that Weir has read itself, one after the other on their connection. */
import { handleRequest } from './handle.ts';
import { LegResponse } from './leg-response.ts';
import type { QuickHead } from './quick-head.ts';
import { closeSoon } from './reply.ts';
import type { RequestReader } from './request-reader.ts';
import type { Transaction } from './transaction.ts';

const NO_HEAD = Buffer.alloc(0);

interface Kept {
  /** Has the connection again when the answer is whole. */
  readonly reader: RequestReader;
  readonly keepAliveMs: number;
}

/** Answers `request`, then goes on with the connection or ends it. */
export async function handlePlain(
  tx: Transaction,
  request: QuickHead,
  { reader, keepAliveMs }: Kept,
): Promise<void> {
  const { connection } = tx;
  const response = new LegResponse(tx, request, keepAliveMs);
  connection.leg.attach(response);
  await handleRequest({ tx, request, response, upgrade: undefined, head: NO_HEAD, wholeBody: undefined });
  if (connection.isOver) return;
  if (response.shouldKeepAlive) {
    reader.next();
    return;
  }
  connection.leg.end();
  closeSoon(tx);
}
