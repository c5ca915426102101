/**
 * A leg over TLS, which reads into the buffers of a leg without it. A record has at most 16 KiB: those of the largest size that come
 * together are passed on as one, since a write costs as much as its bytes. Bytes are counted as they are within TLS. A close_notify is
 * what a FIN is without TLS: it ends one side.
 *
 *   handshaking --onConnect--> in nobody's charge --resume()--> reading --toSocketLeg()--> read by Node's HTTP --resume()--> reading
 */
import assert from 'node:assert/strict';
import type net from 'node:net';
import type tls from 'node:tls';
import { type BufferPool, LARGE_BYTES } from './buffers.ts';
import type { ConnectObserver } from './connecting.ts';
import type { Account } from './ledger.ts';
import type { Place } from './leg.ts';
import { SocketLeg } from './socket-leg.ts';
import { resetSecure, socketBeneath } from './tcp-handle.ts';
import { ownRecords, type RecordOwner, startReading, stopReading } from './tls-handle.ts';

/** The Socket beneath is what is counted. */
const UNCOUNTED: Account = { countClosed: () => {} };

/** Of the largest record: behind one that is smaller nothing more is on its way. */
const RECORD_BYTES = 16 * 1024;
/** So many such in a row earn a buffer of the leg's own. */
const GROW_AFTER_RECORDS = 2;
/** What is passed on as one, at most a record more. */
const GATHERED_BYTES = 128 * 1024;
/** From where on in its buffer a leg begins at the front again, so that all this and one more record have room. */
const WRAP_BYTES = 64 * 1024;
assert.ok(WRAP_BYTES + GATHERED_BYTES + 2 * RECORD_BYTES <= LARGE_BYTES);

/** Faults of the Socket beneath are told by the one above it. */
function ignore(): void {}

export class TlsLeg extends SocketLeg implements RecordOwner {
  readonly #secure: tls.TLSSocket;
  /** The client as a load balancer names it, in place of the far end. */
  client: Place | undefined = undefined;
  /** What records go into; none before the first read. */
  #buffer: Buffer | undefined = undefined;
  /** Where in it begins what is not passed on, and where the next record goes. */
  #start = 0;
  #filled = 0;
  /** Records of the largest size in a row. */
  #fullRecords = 0;
  /** Whether what comes is for whoever is in charge; otherwise it waits in the Socket. */
  #isReading = false;
  #isFlushDue = false;
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

  /** The Socket, for a client of Node's; before the first read. This leg is not to be used any more. */
  toSocket({ allowHalfOpen } = { allowHalfOpen: false }): net.Socket {
    this.socket.allowHalfOpen = allowHalfOpen;
    return this.socket;
  }

  /** As a leg that something of Node's can read as well: itself, which leaves what is to come to the Socket. */
  toSocketLeg(): SocketLeg {
    this.#isReading = false;
    if (this.#buffer === undefined) return this;
    // Node takes a Socket for one that reads on until it has had enough. It gets copies, for which no large buffer is kept.
    startReading(this.#secure);
    this.quieten();
    if (this.#filled > this.#start) this.#leaveToSocket(this.#takeGathered());
    return this;
  }

  override resume(): void {
    if (this.#isReading || this.socket.destroyed) return;
    this.#isReading = true;
    if (this.#buffer === undefined) {
      this.#buffer = this.firstBuffer;
      ownRecords(this.#secure, this.#buffer, this);
    }
    this.#takeFromSocket();
    if (this.#isReading) startReading(this.#secure);
  }

  onRecord(count: number): Buffer | undefined {
    const buffer = this.#buffer as Buffer;
    const end = this.#filled + count;
    if (!this.#isReading) {
      this.#leaveToSocket(buffer.subarray(this.#filled, end));
      return this.#shrunk();
    }
    if (this.#start === this.#filled && this.#filled > WRAP_BYTES) {
      buffer.copyWithin(0, this.#filled, end);
      this.#start = 0;
      this.#filled = count;
    } else this.#filled = end;
    const isFull = count === RECORD_BYTES;
    this.#fullRecords = isFull ? this.#fullRecords + 1 : 0;
    if (isFull && this.ownsBuffer && this.#filled - this.#start < GATHERED_BYTES) return this.#gather(buffer);
    this.#pass(this.#takeGathered());
    return this.socket.destroyed ? undefined : this.#nextPlace(buffer);
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
    this.#flush();
    super.tellClose(error);
    this.#handshaking?.onConnectFault(error);
  }

  protected override tellEnd(): void {
    this.#flush();
    super.tellEnd();
  }

  /** Leaves it where it is until nothing more comes in this turn of the event loop. @returns where the next record goes */
  #gather(buffer: Buffer): Buffer {
    if (!this.#isFlushDue) {
      this.#isFlushDue = true;
      setImmediate(this.#onFlushDue);
    }
    return buffer.subarray(this.#filled);
  }

  readonly #onFlushDue = (): void => {
    this.#isFlushDue = false;
    this.#flush();
  };

  #flush(): void {
    if (this.#filled > this.#start) this.#pass(this.#takeGathered());
  }

  #takeGathered(): Buffer {
    const gathered = (this.#buffer as Buffer).subarray(this.#start, this.#filled);
    this.#start = this.#filled;
    return gathered;
  }

  #pass(chunk: Buffer): void {
    if (this.take(chunk.length, chunk) || !this.#isReading) return;
    this.#isReading = false;
    stopReading(this.#secure);
  }

  /** All is passed on. @returns where the next record goes; undefined: where this one was */
  #nextPlace(buffer: Buffer): Buffer | undefined {
    if (!this.ownsBuffer) {
      const isWorth = this.#isReading && this.#fullRecords >= GROW_AFTER_RECORDS;
      return this.#restart((isWorth ? this.grow() : undefined) ?? buffer);
    }
    // A write that is pending may hold what was passed on.
    return this.#shrunk() ?? (this.#isReading ? this.#restart(buffer) : buffer.subarray(this.#filled));
  }

  /** The buffer that all share, where one of its own is not worth it any more. */
  #shrunk(): Buffer | undefined {
    const scratch = this.ownsBuffer ? this.nextBuffer() : undefined;
    return scratch && this.#restart(scratch);
  }

  #restart(buffer: Buffer): Buffer {
    this.#start = 0;
    this.#filled = 0;
    this.#buffer = buffer;
    return buffer;
  }

  /** What waits there, piece by piece. */
  #takeFromSocket(): void {
    while (this.#isReading) {
      const early = this.socket.read() as Buffer | null;
      if (early === null) return;
      this.#pass(early);
    }
  }

  /** For whoever reads it next: Node's HTTP, or this leg when it goes on. */
  #leaveToSocket(bytes: Buffer): void {
    if (!this.socket.push(Buffer.from(bytes))) stopReading(this.#secure);
  }
}
