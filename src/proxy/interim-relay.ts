/**
 * Passes a next hop's interim answers (1xx) on to the client, within bounds: no end is promised of them, and a carrier
 * cannot be paused before the head. What a client does not read in time it goes without, as RFC 9110 section 15.2 allows.
 */
import { ProxyError } from '#errors.ts';
import { appendVia, endToEnd, FieldNames, listOf, type RawHeaders } from '#net/headers.ts';
import type { ClientResponse } from './client-exchange.ts';
import type { Transaction } from './transaction.ts';

/** In one exchange. */
const MAX_ANSWERS = 32;
const MAX_BYTES = 64 * 1024;
/** What is held for a client that has yet to read it. */
const MAX_PENDING_BYTES = 64 * 1024;

/** Framing has no meaning where there is no content (RFC 9110 section 8.6), and Via is written here; the rest is the next hop's to say. */
const REPLACED = new FieldNames(['content-length', 'trailer', 'via']);

export class InterimRelay {
  readonly #tx: Transaction;
  readonly #response: ClientResponse;
  #answers = 0;
  #bytes = 0;

  constructor(tx: Transaction, response: ClientResponse) {
    this.#tx = tx;
    this.#response = response;
  }

  /** @throws {ProxyError} `response_malformed` where there are too many of them */
  pass(status: number, headers: RawHeaders): void {
    this.#count(headers);
    const response = this.#response;
    // HTTP/1.0 knows no 1xx.
    if (response.headersSent || response.req.httpVersion === '1.0') return;
    // A client waits for its 100; it is short, and there are few.
    // Node keeps no connection of a client that waited for a 100 and got it in any other way; so it has no fields, Via neither.
    if (status === 100) response.writeContinue();
    else if (this.#tx.connection.leg.pendingBytes < MAX_PENDING_BYTES)
      response.writeInformation(status, this.#fieldsOf(headers));
  }

  #fieldsOf(headers: RawHeaders): string[] {
    const { pseudonym } = this.#tx.context;
    const via = appendVia(listOf(headers, 'via'), { version: '1.1', pseudonym });
    return [...endToEnd(headers, REPLACED), 'Via', via];
  }

  #count(headers: RawHeaders): void {
    this.#answers += 1;
    for (const part of headers) this.#bytes += part.length;
    if (this.#answers <= MAX_ANSWERS && this.#bytes <= MAX_BYTES) return;
    throw new ProxyError('response_malformed', { detail: 'Too many interim answers' });
  }
}
