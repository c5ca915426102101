/** A leg over a Socket of Node's, for connections that something of Node's reads as well, such as its HTTP. */
import type net from 'node:net';
import type { BufferPool } from './buffers.ts';
import type { Account } from './ledger.ts';
import { Leg, type Place } from './leg.ts';

export class SocketLeg extends Leg {
  readonly socket: net.Socket;
  #fault: Error | undefined = undefined;
  #isBlocked = false;
  #sent = 0;

  /** `open` makes the Socket, with `onread` among its options. */
  constructor(pool: BufferPool, account: Account, open: (onread: net.OnReadOpts) => net.Socket) {
    super(pool, account);
    let current = this.firstBuffer;
    let isFirst = true;
    this.socket = open({
      // Node asks before the first read and after each; undefined keeps the present buffer.
      buffer: (() => {
        const next = isFirst ? current : this.nextBuffer();
        isFirst = false;
        current = next ?? current;
        return next;
      }) as () => Uint8Array,
      callback: (count) => this.take(count, current),
    });
    this.socket.on('end', () => this.tellEnd());
    this.socket.on('error', (error) => {
      this.#fault = error;
    });
    this.socket.once('close', () => this.tellClose(this.#fault));
  }

  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  get writableEnded(): boolean {
    return this.socket.writableEnded;
  }

  get pendingBytes(): number {
    return this.socket.writableLength;
  }

  get received(): number {
    return this.socket.bytesRead;
  }

  get sent(): number {
    // A Socket counts what it has still to write, and no more once it is destroyed.
    this.#sent = Math.max(this.#sent, this.socket.bytesWritten);
    return this.#sent;
  }

  get remote(): Place | undefined {
    // A Socket that was asked once remembers.
    const { destroyed, remoteAddress: address, remotePort: port } = this.socket;
    return destroyed || address === undefined || port === undefined ? undefined : { address, port };
  }

  write(bytes: Buffer, more?: Buffer): boolean {
    // Node would take it for a fault, and close the connection while the end is on its way.
    if (!this.isWritable) return false;
    if (more === undefined) this.socket.write(bytes, this.#onWritten);
    else this.#writeBoth(bytes, more);
    return this.#isTaken();
  }

  writeText(text: string): boolean {
    if (!this.isWritable) return false;
    this.socket.write(text, 'latin1', this.#onWritten);
    return this.#isTaken();
  }

  #writeBoth(first: Buffer, second: Buffer): void {
    this.socket.cork();
    this.socket.write(first);
    this.socket.write(second, this.#onWritten);
    this.socket.uncork();
  }

  #isTaken(): boolean {
    // A write that returned true can still be pending (docs/adr/0005), so ask how much is left instead.
    if (this.socket.writableLength === 0) return true;
    this.#isBlocked = true;
    return false;
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  destroySoon(): void {
    this.socket.destroySoon();
  }

  reset(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    // While the FIN is being sent libuv refuses the reset (EINVAL), and Node would lose the handle: wait for that instant.
    if (socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished)
      socket.once('finish', () => socket.resetAndDestroy());
    else socket.resetAndDestroy();
  }

  resume(): void {
    if (!this.socket.destroyed) this.socket.resume();
  }

  keepAlive(afterMs: number): void {
    this.socket.setKeepAlive(true, afterMs);
  }

  /** Not 'drain': that event only follows a write that returned false. */
  readonly #onWritten = (): void => {
    if (!this.#isBlocked || this.socket.writableLength > 0) return;
    this.#isBlocked = false;
    this.tellDrain();
  };
}
