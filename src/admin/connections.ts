/**
 * The connections of the admin address: bounded in number and one request at a time. When there is no room, whoever was
 * idle longest makes it, so that a health check gets in however many others hold on to theirs.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export class Connections {
  readonly #max: number;
  /** Longest idle first. */
  readonly #idle = new Set<Socket>();
  /** With the answer that is under way, the oldest first. */
  readonly #busy = new Map<Socket, ServerResponse>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes a connection in. */
  open(socket: Socket): void {
    if (this.#idle.size + this.#busy.size >= this.#max) this.#evict();
    this.#idle.add(socket);
    socket.once('close', () => {
      this.#idle.delete(socket);
      this.#busy.delete(socket);
    });
  }

  /**
   * Begins a request, unless one is under way: then its answer is the last of the connection (RFC 9112 section 9.3.2 has a
   * client send the rest again), and nothing more is read.
   */
  begin(socket: Socket, response: ServerResponse): boolean {
    const earlier = this.#busy.get(socket);
    if (earlier !== undefined) {
      // What one read brought comes here one by one, and only the first has to end it.
      if (earlier.shouldKeepAlive) endWith(earlier, socket);
      return false;
    }
    this.#idle.delete(socket);
    this.#busy.set(socket, response);
    response.once('finish', () => {
      if (this.#busy.delete(socket)) this.#idle.add(socket);
    });
    return true;
  }

  #evict(): void {
    const [longest] = this.#idle.size > 0 ? this.#idle : this.#busy.keys();
    if (longest === undefined) return;
    // Its event comes too late for the next one to count.
    this.#idle.delete(longest);
    this.#busy.delete(longest);
    longest.destroy();
  }
}

function endWith(response: ServerResponse, socket: Socket): void {
  socket.pause();
  response.shouldKeepAlive = false;
  response.once('finish', () => socket.destroySoon());
}
