/** Listening sockets that a worker was sent and that no listener of its has taken yet. */

/** What the channel hands over. */
export interface SentSocket {
  readonly fd: number;
  close(): void;
}

export class SentSockets {
  readonly #sockets = new Map<string, SentSocket>();

  put(key: string, socket: SentSocket): void {
    this.#sockets.set(key, socket);
  }

  /** @throws {Error} none was sent: one of this worker's own would be one that nobody else accepts on */
  take(key: string): SentSocket {
    const socket = this.#sockets.get(key);
    if (socket === undefined) throw new Error(`Worker was sent no socket for ${key}`);
    this.#sockets.delete(key);
    return socket;
  }

  /** Leaves none open that nobody took. */
  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }
}
