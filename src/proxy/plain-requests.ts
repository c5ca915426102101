/** Plain requests that Weir has read itself, one after the other on their connection. */
import { handleRequest } from './handle.ts';
import { LegResponse } from './leg-response.ts';
import { closeSoon } from './reply.ts';
import type { PlainRequest } from './request-reader.ts';
import type { Transaction } from './transaction.ts';

const NO_HEAD = Buffer.alloc(0);

/** Answers `plain`, then goes on with the connection, which may be silent for `keepAliveMs`, or ends it. */
export async function handlePlain(tx: Transaction, plain: PlainRequest, keepAliveMs: number): Promise<void> {
  const { connection } = tx;
  const { head: request, body: wholeBody, reader } = plain;
  const response = new LegResponse(tx, request, keepAliveMs);
  connection.leg.attach(response);
  connection.keepAlive();
  await handleRequest({ tx, request, response, upgrade: undefined, head: NO_HEAD, wholeBody });
  if (connection.isOver) return;
  if (response.shouldKeepAlive) {
    reader.next();
    return;
  }
  connection.leg.end();
  closeSoon(tx);
}
