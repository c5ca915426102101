/** In charge of a new connection: its first bytes say who reads it, a plain CONNECT Weir itself and all else Node's HTTP. */
import type { Leg, Sink } from '#net/leg.ts';
import { type ConnectHead, readConnectHead } from './connect-head.ts';
import type { Connection } from './connection.ts';

/** What the first bytes of a connection can be. */
export interface FirstBytesObserver {
  onConnectHead(connection: Connection, head: ConnectHead): void;
  /** `read` is what has been read of it. */
  onHttp(connection: Connection, read: Buffer): void;
}

/** Whatever it reads, nothing is lost: what is not for us is there to be read again. */
export class FirstBytes implements Sink {
  readonly #connection: Connection;
  readonly #observer: FirstBytesObserver;

  constructor(connection: Connection, observer: FirstBytesObserver) {
    this.#connection = connection;
    this.#observer = observer;
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    const head = readConnectHead(chunk);
    if (head !== undefined) {
      if (head.length < chunk.length) leg.hold(chunk.subarray(head.length));
      this.#observer.onConnectHead(this.#connection, head);
    } else {
      this.#observer.onHttp(this.#connection, Buffer.from(chunk));
    }
    return true;
  }

  onEnd(leg: Leg): void {
    leg.destroy();
  }

  onClose(): void {}
}
