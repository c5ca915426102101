/**
 * A leg over a TCP connection of libuv's own, without a Socket: what nearly every tunnel is made of.
 *
 *   connecting --> open --end()--> ending --all is written--> shut
 *   open, shut --the far end's FIN--> ended; closed once it is both shut and ended
 *   any --destroy(), reset(), a fault--> destroyed --> closed
 */
import type net from 'node:net';
import type { BufferPool } from './buffers.ts';
import type { ConnectObserver } from './connecting.ts';
import type { Account } from './ledger.ts';
import { Leg, type Place } from './leg.ts';
import { SocketLeg } from './socket-leg.ts';
import type { Request } from './tcp-bindings.ts';
import {
  awaitFin,
  bindHandle,
  closeHandle,
  connectError,
  connectHandle,
  type HandleOwner,
  newHandle,
  own,
  PENDING,
  remoteOf,
  resetHandle,
  shutDown,
  socketOf,
  systemError,
  type TcpHandle,
  writeBytes,
  writeText,
} from './tcp-handle.ts';

/** What becomes of our side. */
const OPEN = 0;
const ENDING = 1;
const SHUT = 2;

export class TcpLeg extends Leg implements HandleOwner {
  readonly #handle: TcpHandle;
  /** What it reads into; none before the first read. */
  #buffer: Buffer | undefined = undefined;
  #isReading = false;
  #side = OPEN;
  /** Once it is sent, but for what is left of that turn of the event loop. */
  #fin: Request | undefined = undefined;
  /** It is to be closed once all is written. */
  #isClosing = false;
  #pendingWrites = 0;
  #fault: Error | undefined = undefined;
  #target: Place | undefined = undefined;
  /** While it connects. */
  #connecting: ConnectObserver | undefined = undefined;
  /** Whom the far end, a load balancer, speaks for: told in its place. */
  client: Place | undefined = undefined;
  destroyed = false;
  sent = 0;

  /** Of a connection that is open, or one to be. */
  constructor(pool: BufferPool, account: Account, handle: TcpHandle = newHandle()) {
    super(pool, account);
    this.#handle = handle;
    own(handle, this);
  }

  /** Connects to an IP address. Before it is connected it can only be closed, or told to read. */
  connect(target: Place, observer: ConnectObserver): void {
    this.#target = target;
    this.#connecting = observer;
    const { address, port, source } = target;
    const bound = source === undefined ? 0 : bindHandle(this.#handle, source);
    const status = bound === 0 ? connectHandle(this.#handle, address, port) : bound;
    if (status !== 0) this.destroy(bound === 0 ? connectError(status, target) : systemError(bound, 'bind'));
  }

  /** The same connection with a Socket of Node's and what is held; after a read only for TLS. This leg is not to be used any more. */
  toSocket(options: { readonly allowHalfOpen: boolean } = { allowHalfOpen: false }): net.Socket {
    const socket = socketOf(this.#detach(), options);
    const held = this.takeHeld();
    if (held !== undefined) socket.unshift(held);
    socket.once('close', () => this.account.countClosed());
    return socket;
  }

  /** The same connection as a leg that something of Node's can read as well. This one is not to be used any more. */
  toSocketLeg(): SocketLeg {
    return new SocketLeg(this.pool, this.account, (onread) =>
      socketOf(this.#detach(), { onread, allowHalfOpen: true }),
    );
  }

  get writableEnded(): boolean {
    return this.#side !== OPEN;
  }

  get pendingBytes(): number {
    return this.#pendingWrites === 0 ? 0 : this.#handle.writeQueueSize;
  }

  get received(): number {
    return this.bytesRead;
  }

  get remote(): Place | undefined {
    return this.destroyed ? undefined : (this.client ?? remoteOf(this.#handle));
  }

  write(bytes: Buffer, more?: Buffer): boolean {
    if (!this.isWritable) return false;
    this.sent += bytes.length + (more === undefined ? 0 : more.length);
    return this.#hasWritten(writeBytes(this.#handle, bytes, more));
  }

  writeText(text: string): boolean {
    if (!this.isWritable) return false;
    this.sent += text.length;
    return this.#hasWritten(writeText(this.#handle, text));
  }

  end(): void {
    if (!this.isWritable) return;
    this.#side = ENDING;
    if (this.#pendingWrites === 0) this.#shutDown();
  }

  destroy(error?: Error): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#fault = error;
    // Where nothing is under way, nothing is to be waited for.
    const isIdle = this.#pendingWrites === 0 && this.#connecting === undefined && error === undefined;
    closeHandle(this.#handle, isIdle);
    if (isIdle) this.tellClose(undefined);
  }

  destroySoon(): void {
    if (this.#pendingWrites === 0) this.destroy();
    else {
      this.#isClosing = true;
      this.end();
    }
  }

  reset(): void {
    if (this.destroyed) return;
    // libuv refuses to reset what is not connected, and the handle would be lost.
    if (this.#connecting !== undefined) this.destroy();
    // While the FIN is being sent it cannot be reset: wait for that instant.
    else if (this.#fin === undefined || !awaitFin(this.#fin)) {
      this.destroyed = true;
      resetHandle(this.#handle);
    }
  }

  resume(): void {
    if (this.#isReading || this.destroyed || this.ended) return;
    this.#isReading = true;
    if (this.#buffer === undefined) {
      this.#buffer = this.firstBuffer;
      this.#handle.useUserBuffer(this.#buffer);
    }
    this.#handle.readStart();
  }

  keepAlive(afterMs: number): void {
    if (!this.destroyed) this.#handle.setKeepAlive(true, Math.ceil(afterMs / 1000));
  }

  onRead(count: number): Buffer | undefined {
    const goesOn = this.take(count, this.#buffer as Buffer);
    // Closed by the sink, or somebody else's now, who has a buffer of its own.
    if (this.destroyed) return undefined;
    if (!goesOn) this.#pause();
    const next = this.nextBuffer();
    if (next !== undefined) this.#buffer = next;
    return next;
  }

  onReadEnd(): void {
    if (this.destroyed) return;
    this.tellEnd();
    if (this.#side === SHUT) this.destroy();
  }

  onReadFault(status: number): void {
    this.destroy(systemError(status, 'read'));
  }

  onConnected(status: number): void {
    // Closed meanwhile: its close tells.
    if (this.destroyed) return;
    if (status !== 0) {
      this.destroy(connectError(status, this.#target as Place));
      return;
    }
    const observer = this.#connecting;
    this.#connecting = undefined;
    observer?.onConnect();
  }

  onWritten(status: number): void {
    this.#pendingWrites -= 1;
    if (status !== 0) this.destroy(systemError(status, 'write'));
    if (this.#pendingWrites > 0) return;
    this.tellDrain();
    if (this.destroyed) return;
    if (this.#side === ENDING) this.#shutDown();
  }

  onShutDown(): void {
    this.#fin = undefined;
    this.reset();
  }

  onHandleClosed(): void {
    const observer = this.#connecting;
    this.tellClose(this.#fault);
    observer?.onConnectFault(this.#fault);
  }

  #hasWritten(status: number): boolean {
    if (status === 0) return true;
    if (status === PENDING) this.#pendingWrites += 1;
    else this.destroy(systemError(status, 'write'));
    return false;
  }

  #pause(): void {
    if (this.#isReading && !this.destroyed) this.#handle.readStop();
    this.#isReading = false;
  }

  #detach(): TcpHandle {
    this.#pause();
    this.destroyed = true;
    this.closed = true;
    return this.#handle;
  }

  #shutDown(): void {
    this.#side = SHUT;
    // What is closed sends its FIN by that alone.
    if (this.ended || this.#isClosing) this.destroy();
    else this.#fin = shutDown(this.#handle);
  }
}
