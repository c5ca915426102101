/**
 * In charge of a connection between requests: the first bytes of each say who reads it, Weir itself what is plain and came alone
 * and in one piece, and Node's HTTP all else, which keeps the connection then.
 */
import type { Leg, Sink } from '#net/leg.ts';
import type { Connection } from './connection.ts';
import { type QuickHead, readQuickHead } from './quick-head.ts';

/** A request that is here as a whole. */
export interface PlainRequest {
  readonly head: QuickHead;
  readonly body: Buffer | undefined;
  /** Has the connection again when the answer is whole. */
  readonly reader: RequestReader;
}

/** What the first bytes of a request can be. */
export interface RequestObserver {
  onConnectHead(connection: Connection, head: QuickHead): void;
  onPlain(connection: Connection, request: PlainRequest): void;
  /** `read` is what has been read of it. */
  onHttp(connection: Connection, read: Buffer): void;
}

/** Whatever it reads, nothing is lost: what is not for us is there to be read again. */
export class RequestReader implements Sink {
  readonly #connection: Connection;
  readonly #observer: RequestObserver;
  /** Until Node's HTTP is, for good. */
  #isInCharge = true;

  constructor(connection: Connection, observer: RequestObserver) {
    this.#connection = connection;
    this.#observer = observer;
  }

  /** Begins, or goes on, with what came while nobody read. */
  next(): void {
    const { leg } = this.#connection;
    leg.attach(this);
    const held = leg.takeHeld();
    if (held !== undefined && !leg.destroyed) this.onChunk(leg, held);
    // Also behind those: it was paused where they were many, and a client that leaves has to be seen.
    if (this.#isInCharge) leg.resume();
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    const head = readQuickHead(chunk);
    if (head?.method === 'CONNECT') {
      if (head.length < chunk.length) leg.hold(chunk.subarray(head.length));
      this.#observer.onConnectHead(this.#connection, head);
    } else if (head !== undefined && head.length + head.bodyLength === chunk.length) {
      this.#observer.onPlain(this.#connection, { head, body: bodyOf(head, chunk), reader: this });
    } else {
      this.#isInCharge = false;
      this.#observer.onHttp(this.#connection, Buffer.from(chunk));
    }
    return true;
  }

  onEnd(leg: Leg): void {
    leg.destroy();
  }

  onClose(): void {}
}

function bodyOf({ length, bodyLength }: QuickHead, chunk: Buffer): Buffer | undefined {
  return bodyLength === 0 ? undefined : Buffer.from(chunk.subarray(length));
}
