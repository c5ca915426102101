/**
 * One request of the cache to a next hop, for the client that needed it first and all who come for the same meanwhile. To the
 * forwarding beneath it is what a client's answer is. Goes on as long as somebody reads, or where it was begun for nobody.
 */
import { EventEmitter } from 'node:events';
import type { CacheDesk, Flight } from '#cache/desk.ts';
import type { Directives } from '#cache/directives.ts';
import { Incoming } from '#cache/incoming.ts';
import { isNarrowed } from '#cache/storable.ts';
import { ProxyError } from '#errors.ts';
import type { RawHeaders } from '#net/headers.ts';
import type { ClientRequest, ClientResponse } from './client-exchange.ts';
import { detached } from './detached.ts';
import { type AskedAbout, type Fetched, isNoAnswer, mayServeFor } from './fetched.ts';
import type { Transaction } from './transaction.ts';

export interface FetchParts {
  readonly tx: Transaction;
  readonly desk: CacheDesk;
  readonly partition: string;
  /** Of the client. */
  readonly request: ClientRequest;
  readonly directives: Directives;
  readonly asked: AskedAbout | undefined;
  /** Takes interim answers; undefined: it goes on though nobody reads. */
  readonly response: ClientResponse | undefined;
}

const FAILING: ReadonlySet<number> = new Set([500, 502, 503, 504]);

export class Fetch extends EventEmitter implements ClientResponse, Flight {
  readonly req: ClientRequest;
  readonly url: string;
  readonly partition: string;
  readonly isForOthers: boolean;
  /** Whom the forwarding beneath takes for the transaction. */
  readonly view: Transaction;
  readonly head = Promise.withResolvers<Fetched>();
  readonly incoming: Incoming;
  trailers: readonly [string, string][] = [];
  readonly #parts: FetchParts;
  #readers = 0;
  #readBytes = 0;
  headersSent = false;
  shouldKeepAlive = true;
  writableEnded = false;
  writableFinished = false;
  destroyed = false;

  constructor(parts: FetchParts) {
    super();
    this.#parts = parts;
    const { tx, desk, request, directives, partition, asked } = parts;
    this.req = asked === undefined ? request : questionOf(request, asked.headers);
    this.url = tx.requestUrl as string;
    this.partition = partition;
    // What is for others is whole, under no condition of a client's.
    this.isForOthers =
      !directives.has('no-store') && (asked !== undefined || !isNarrowed(request.rawHeaders));
    const facts = { method: 'GET', headers: this.req.rawHeaders, directives };
    const onDrain = (): void => {
      this.emit('drain');
    };
    this.incoming = new Incoming(
      { desk, flight: this, request: facts, kept: asked?.entry, onDrain },
      Date.now(),
    );
    this.view = detached(tx, () => this.#readBytes);
    // Who waits hears of it; there may be nobody.
    this.head.promise.catch(() => {});
  }

  join(): void {
    this.#readers += 1;
  }

  /** What nobody wants any more is broken off. */
  leave(): void {
    this.#readers -= 1;
    if (this.#readers > 0 || this.#parts.response === undefined) return;
    this.#parts.desk.close(this);
    this.view.abort.abort(new ProxyError('client_gone'));
  }

  spoil(): void {
    this.incoming.spoil();
  }

  /** It has failed. After the head that shows in the body. */
  fail(error: ProxyError): void {
    this.head.reject(error);
    this.incoming.fail(error);
  }

  /** Readers have got so many bytes. */
  noteRead(bytes: number): void {
    this.#readBytes += bytes;
  }

  writeContinue(): void {
    this.#waiting()?.writeContinue();
  }

  flushHeaders(): void {}

  writeInformation(status: number, fields: string[]): void {
    this.#waiting()?.writeInformation(status, fields);
  }

  /** Whom interim answers are for: who comes later goes without. */
  #waiting(): ClientResponse | undefined {
    const { response } = this.#parts;
    return response === undefined || response.headersSent || response.destroyed ? undefined : response;
  }

  writeHead(status: number, phrase: string, fields: string[]): void {
    this.headersSent = true;
    this.head.resolve(this.#take(status, phrase, fields));
  }

  #take(status: number, phrase: string, fields: RawHeaders): Fetched {
    const { asked } = this.#parts;
    if (asked !== undefined && status === 304) {
      const entry = this.incoming.confirm(fields, Date.now());
      return entry === undefined ? { kind: 'unknown' } : { kind: 'confirmed', entry };
    }
    const { reason } = this.view;
    if (asked !== undefined && FAILING.has(status)) {
      const isSilence = reason !== undefined && isNoAnswer(reason);
      if (mayServeFor({ isSilence }, asked.mayServe)) return { kind: 'failing', status, isSilence };
    }
    const isFault = reason !== undefined;
    const taken = this.incoming.take({ status, phrase, headers: fields, isFault }, Date.now());
    return { kind: 'answer', status, phrase, fields, ...taken };
  }

  write(chunk: Buffer): boolean {
    const { body } = this.incoming;
    return body === undefined || body.push(chunk);
  }

  get writableNeedDrain(): boolean {
    return this.incoming.body?.isFull === true;
  }

  addTrailers(fields: readonly [string, string][]): void {
    this.trailers = fields;
  }

  end(): void {
    this.writableEnded = true;
    this.writableFinished = true;
    this.incoming.end(this.trailers.length === 0);
    this.emit('finish');
  }
}

/** The request with the fields that ask about what is kept. */
function questionOf({ method, url, httpVersion }: ClientRequest, rawHeaders: string[]): ClientRequest {
  return {
    method,
    url,
    httpVersion,
    rawHeaders,
    complete: true,
    headers: {},
    rawTrailers: [],
    readableLength: 0,
    readableFlowing: null,
  };
}
