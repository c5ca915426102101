/**
 * The answer to a plain request that Weir has read itself, written straight to the connection: framing and connection fields as
 * Node writes them, head and a small body in one write. In charge of the connection until the answer is whole: keeps what comes
 * of the next request, within bounds, and stops the transaction when the client is gone.
 */
import { STATUS_CODES } from 'node:http';
import { ProxyError } from '#errors.ts';
import { hasField, linesOf, type RawHeaders } from '#net/headers.ts';
import type { Leg, Sink } from '#net/leg.ts';
import type { ClientResponse } from './client-exchange.ts';
import { MAX_EARLY_BYTES } from './client-leg.ts';
import type { QuickHead } from './quick-head.ts';
import type { Transaction } from './transaction.ts';

/** As much as libuv writes as text without allocating for it. */
const MAX_TEXT_BYTES = 15 * 1024;
const NOTHING = Buffer.alloc(0);

type Event = 'drain' | 'finish' | 'close';

/** Says how long the connection is kept. */
export function keepAliveLines(ms: number): string {
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(ms / 1000)}\r\n`;
}

export class LegResponse implements ClientResponse, Sink {
  readonly req: QuickHead;
  readonly #tx: Transaction;
  readonly #leg: Leg;
  /** Composed, and not yet written. */
  #head = '';
  #trailers = '';
  #hasBody = true;
  /** Lines of the head, where the connection is kept. */
  readonly keepAlive: string;
  /** Who waits for what. Not Node's EventEmitter, which is dearer than most answers are long: few wait for anything. */
  #waiting: { readonly event: Event; readonly listener: () => void }[] | undefined = undefined;
  headersSent = false;
  #isChunked = false;
  shouldKeepAlive = true;
  writableEnded = false;
  writableFinished = false;
  writableNeedDrain = false;
  destroyed = false;

  /** `keepAlive`: as of {@link keepAliveLines}. */
  constructor(tx: Transaction, request: QuickHead, keepAlive: string) {
    this.req = request;
    this.#tx = tx;
    this.#leg = tx.connection.leg;
    this.keepAlive = keepAlive;
  }

  /** `fields` hold no line breaks; of framing a Content-Length at most, and Connection only to close. */
  writeHead(status: number, phrase: string, fields: RawHeaders): void {
    this.headersSent = true;
    this.shouldKeepAlive = !hasField(fields, 'connection');
    this.#hasBody = this.req.method !== 'HEAD' && status !== 204 && status !== 304;
    this.#isChunked = this.#hasBody && !hasField(fields, 'content-length');
    let head = `HTTP/1.1 ${status} ${phrase}\r\n${linesOf(fields)}`;
    if (!hasField(fields, 'date')) head += `Date: ${new Date().toUTCString()}\r\n`;
    if (this.shouldKeepAlive) head += this.keepAlive;
    this.#head = this.#isChunked ? `${head}Transfer-Encoding: chunked\r\n\r\n` : `${head}\r\n`;
  }

  /** Writes the head now, though no body follows yet. */
  flushHeaders(): void {
    if (this.#head !== '') this.#send(this.#takeHead(), undefined, '');
  }

  writeContinue(): void {
    this.#send('HTTP/1.1 100 Continue\r\n\r\n', undefined, '');
  }

  writeInformation(status: number, fields: RawHeaders): void {
    const phrase = STATUS_CODES[status] ?? 'Information';
    this.#send(`HTTP/1.1 ${status} ${phrase}\r\n${linesOf(fields)}\r\n`, undefined, '');
  }

  /** `chunk` may be used again when this returns. @returns false where more is to wait for `drain` */
  write(chunk: Buffer): boolean {
    const head = this.#takeHead();
    if (!this.#hasBody || chunk.length === 0) return head === '' || this.#send(head, undefined, '');
    if (!this.#isChunked) return this.#send(head, chunk, '');
    return this.#send(`${head}${chunk.length.toString(16)}\r\n`, chunk, '\r\n');
  }

  addTrailers(fields: readonly [string, string][]): void {
    for (const [name, value] of fields) this.#trailers += `${name}: ${value}\r\n`;
  }

  end(chunk?: Buffer): void {
    if (chunk !== undefined) this.write(chunk);
    const last = this.#isChunked ? `0\r\n${this.#trailers}\r\n` : '';
    const text = this.#takeHead() + last;
    if (text !== '') this.#send(text, undefined, '');
    this.#hasEnded();
  }

  /** Of what {@link writeHead} has composed. */
  get headLength(): number {
    return this.#head.length;
  }

  /** The head as bytes instead of writing it, and `body` behind it. */
  takeBytes(body: Buffer = NOTHING): Buffer {
    return joined(this.#takeHead(), body, '');
  }

  /** The whole answer: bytes that {@link takeBytes} gave, now or before, and a body that is not among them. Neither ever changes. */
  endReady(bytes: Buffer, body: Buffer | undefined): void {
    this.headersSent = true;
    if (!this.#leg.write(bytes, body)) this.writableNeedDrain = true;
    this.#hasEnded();
  }

  once(event: Event, listener: () => void): void {
    this.#waiting ??= [];
    this.#waiting.push({ event, listener });
  }

  off(event: Event, listener: () => void): void {
    this.#waiting = this.#waiting?.filter((one) => one.event !== event || one.listener !== listener);
  }

  emit(event: Event): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined) return false;
    this.#waiting = waiting.filter((one) => one.event !== event);
    for (const one of waiting) if (one.event === event) one.listener();
    return true;
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    leg.hold(chunk);
    return leg.heldBytes < MAX_EARLY_BYTES;
  }

  /** A client that only ends its side cannot be told from one that left, as tier 1 does for its own client. */
  onEnd(leg: Leg): void {
    leg.reset();
  }

  onDrain(): void {
    this.writableNeedDrain = false;
    if (this.writableEnded) this.#finish();
    else this.emit('drain');
  }

  onClose(): void {
    this.destroyed = true;
    if (!this.writableFinished) this.#tx.abort.abort(new ProxyError('client_gone'));
    this.emit('close');
  }

  #takeHead(): string {
    const head = this.#head;
    this.#head = '';
    return head;
  }

  #send(before: string, chunk: Buffer | undefined, behind: string): boolean {
    const isTaken =
      chunk === undefined || before.length + chunk.length <= MAX_TEXT_BYTES
        ? this.#leg.writeText(chunk === undefined ? before : before + chunk.toString('latin1') + behind)
        : this.#leg.write(joined(before, chunk, behind));
    if (!isTaken) this.writableNeedDrain = true;
    return isTaken;
  }

  #hasEnded(): void {
    this.writableEnded = true;
    // One that is destroyed has failed to write: its close tells.
    if (!this.#leg.destroyed && this.#leg.pendingBytes === 0) this.#finish();
  }

  #finish(): void {
    this.writableFinished = true;
    this.emit('finish');
  }
}

/** One piece of all three, which are Latin-1. */
function joined(before: string, chunk: Buffer, behind: string): Buffer {
  const bytes = Buffer.allocUnsafe(before.length + chunk.length + behind.length);
  bytes.write(before, 'latin1');
  bytes.set(chunk, before.length);
  bytes.write(behind, before.length + chunk.length, 'latin1');
  return bytes;
}
