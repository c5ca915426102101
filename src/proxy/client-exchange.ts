/** A client's request, and where its answer goes: what the steps of plain HTTP hand each other. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tokensOf, valuesOf } from '#net/headers.ts';
import type { Transaction } from './transaction.ts';

export interface ClientExchange {
  readonly tx: Transaction;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Protocol to switch to, which some rule allows; undefined: none. */
  readonly upgrade: string | undefined;
  /** What the client sent behind the head of a request to switch. */
  readonly head: Buffer;
  /** The body, where it had come as a whole before a next hop was asked; kept, since another may be asked after that. */
  wholeBody: Buffer | undefined;
}

/** Whether the request is framed to have content (RFC 9112 section 6.3). */
export function hasBody(request: IncomingMessage): boolean {
  return (
    isChunked(request) || valuesOf(request.rawHeaders, 'content-length').some((length) => Number(length) > 0)
  );
}

/** Whether its length is not known beforehand. */
export function isChunked(request: IncomingMessage): boolean {
  return tokensOf(request.rawHeaders, 'transfer-encoding').length > 0;
}
