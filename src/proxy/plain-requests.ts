/** Plain requests that Weir has read itself, one after the other on their connection. */
import { handleRequest } from './handle.ts';
import { LegResponse } from './leg-response.ts';
import { closeSoon } from './reply.ts';
import type { PlainRequest, RequestReader } from './request-reader.ts';
import type { Transaction } from './transaction.ts';

const NO_HEAD = Buffer.alloc(0);

/** Answers `plain`, then goes on with the connection, or ends it. `keepAlive`: lines that say how long it may be silent. */
export function handlePlain(tx: Transaction, plain: PlainRequest, keepAlive: string): void {
  const { connection } = tx;
  const { head: request, body: wholeBody, reader } = plain;
  const response = new LegResponse(tx, request, keepAlive);
  connection.leg.attach(response);
  connection.keepAlive();
  const handling = handleRequest({ tx, request, response, upgrade: undefined, head: NO_HEAD, wholeBody });
  if (handling === undefined) goOn(tx, response, reader);
  else void handling.then(() => goOn(tx, response, reader));
}

function goOn(tx: Transaction, response: LegResponse, reader: RequestReader): void {
  const { connection } = tx;
  if (connection.isOver) return;
  if (response.shouldKeepAlive) {
    reader.next();
    return;
  }
  connection.leg.end();
  closeSoon(tx);
}
