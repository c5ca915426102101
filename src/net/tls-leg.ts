/**
 * A leg over TLS. Node reads the records into memory of its own, a new piece for each, so this leg has no buffer: every chunk is
 * whole and may be kept. Bytes are counted as they are within TLS. A close_notify is what a FIN is without TLS: it ends one side.
 *
 *   handshaking --onConnect--> in nobody's charge --resume()--> reading --toSocketLeg()--> read by Node's HTTP --resume()--> reading
 */
import type net from 'node:net';
import type tls from 'node:tls';
import type { BufferPool } from './buffers.ts';
import type { ConnectObserver } from './connecting.ts';
import type { Account } from './ledger.ts';
import type { Place } from './leg.ts';
import { SocketLeg } from './socket-leg.ts';
import { resetSecure, socketBeneath } from './tcp-handle.ts';

/** The Socket beneath is what is counted. */
const UNCOUNTED: Account = { countClosed: () => {} };

/** Faults of the Socket beneath are told by the one above it. */
function ignore(): void {}

export class TlsLeg extends SocketLeg {
  readonly #secure: tls.TLSSocket;
  /** The client as a load balancer names it, in place of the far end. */
  client: Place | undefined = undefined;
  #isReading = false;
  #handshaking: ConnectObserver | undefined = undefined;

  /** Takes over `socket`, and with it the one beneath. */
  constructor(pool: BufferPool, socket: tls.TLSSocket) {
    super(pool, UNCOUNTED, () => socket);
    this.#secure = socket;
    // Node tells of a fault after the handshake, and leaves the connection open.
    socket.on('error', () => socket.destroy());
    socketBeneath(socket).on('error', ignore);
  }

  /** Tells `observer` of the outcome of the handshake, which is under way. */
  awaitHandshake(observer: ConnectObserver): void {
    this.#handshaking = observer;
    this.socket.once('secureConnect', () => {
      this.#handshaking = undefined;
      observer.onConnect();
    });
  }

  override get remote(): Place | undefined {
    return this.destroyed ? undefined : (this.client ?? super.remote);
  }

  /** Its chunks are nobody else's. */
  override get ownsBuffer(): boolean {
    return true;
  }

  /** The Socket, for a client of Node's; before the first read. This leg is not to be used any more. */
  toSocket({ allowHalfOpen } = { allowHalfOpen: false }): net.Socket {
    this.socket.allowHalfOpen = allowHalfOpen;
    return this.socket;
  }

  /** As a leg that something of Node's can read as well: itself, which lets go of what is to come. */
  toSocketLeg(): SocketLeg {
    this.#isReading = false;
    this.socket.off('data', this.#onData);
    this.socket.pause();
    return this;
  }

  override resume(): void {
    if (this.socket.destroyed) return;
    if (!this.#isReading) this.socket.on('data', this.#onData);
    this.#isReading = true;
    this.socket.resume();
  }

  /** `error`: why, where it fails. A far end that has ended is told that we have too: without that it would take it for a fault. */
  override destroy(error?: Error): void {
    const { socket } = this;
    const isOwedEnd = this.ended && this.isWritable && this.pendingBytes === 0 && error === undefined;
    if (isOwedEnd) socket.destroySoon();
    else socket.destroy(error);
  }

  override reset(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    // As without TLS: not while the FIN is being sent.
    if (socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished)
      socket.once('finish', () => resetSecure(this.#secure));
    else resetSecure(this.#secure);
  }

  protected override tellClose(error: Error | undefined): void {
    super.tellClose(error);
    this.#handshaking?.onConnectFault(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.take(chunk.length, chunk)) this.socket.pause();
  };
}
