/**
 * The upstream connections of this process that are kept and that nobody uses, in the order in which they became idle.
 * Bounded in total, since their next hops are the clients' choice; given up first when file descriptors run out.
 */
import type { Socket } from 'node:net';

export class IdleSockets {
  readonly #sockets = new Set<Socket>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** From now on `socket` is idle; where that makes too many, the one that is idle for longest is closed. */
  add(socket: Socket): void {
    this.#sockets.add(socket);
    if (this.#sockets.size <= this.#max) return;
    const [oldest] = this.#sockets;
    this.#close(oldest as Socket);
  }

  /** It is in use again, or closed. */
  delete(socket: Socket): void {
    this.#sockets.delete(socket);
  }

  /** @returns whether there were any */
  closeAll(): boolean {
    const { size } = this.#sockets;
    for (const socket of this.#sockets) this.#close(socket);
    return size > 0;
  }

  /** Its descriptor is free at once, though it says later that it is closed. */
  #close(socket: Socket): void {
    this.#sockets.delete(socket);
    socket.destroy();
  }
}
