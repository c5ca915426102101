/**
 * One connection of the load generator: straight to the target, or through a proxy by CONNECT. Reads into one buffer that is
 * reused, so that what is measured is the proxy and not the client's memory.
 */
import net from 'node:net';
import type { Address } from './job.ts';

interface Wire {
  readonly target: Address;
  readonly via: Address | undefined;
  readonly buffer: Buffer;
  /** The way to the target is open. */
  onOpen(socket: net.Socket): void;
  /** Bytes of the target; valid only during the call. */
  onBytes(bytes: Buffer, socket: net.Socket): void;
}

const HEAD_END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/** Reads the proxy's answer, then hands the rest on; the first bytes of the target may come glued to it. */
class Reader {
  readonly #wire: Wire;
  #head: string | undefined;

  constructor(wire: Wire) {
    this.#wire = wire;
    this.#head = wire.via === undefined ? undefined : '';
  }

  /** @throws on a refusal, and what the wire's owner throws */
  read(bytes: Buffer, socket: net.Socket): void {
    const early = this.#head === undefined ? bytes : this.#afterHead(bytes, socket);
    if (early.length > 0) this.#wire.onBytes(early, socket);
  }

  #afterHead(bytes: Buffer, socket: net.Socket): Buffer {
    const head = `${this.#head}${bytes.toString('latin1')}`;
    const end = head.indexOf(HEAD_END);
    this.#head = end < 0 ? head : undefined;
    if (end < 0) return NOTHING;
    if (!/^HTTP\/1\.[01] 200\b/.test(head))
      throw new Error(`Cannot CONNECT: ${head.slice(0, head.indexOf('\r\n'))}`);
    this.#wire.onOpen(socket);
    return Buffer.from(head.slice(end + HEAD_END.length), 'latin1');
  }
}

/** Opens a connection. Resolves when it is closed, whoever closed it. @throws what went wrong, a refusal of the proxy included */
export function connect(wire: Wire): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { target, via } = wire;
  const reader = new Reader(wire);
  const onRead = (count: number, buffer: Uint8Array): boolean => {
    try {
      reader.read((buffer as Buffer).subarray(0, count), socket);
    } catch (error) {
      socket.destroy(error as Error);
    }
    return true;
  };
  const socket: net.Socket = net.connect({
    ...(via ?? target),
    noDelay: true,
    onread: { buffer: wire.buffer, callback: onRead },
  });
  socket.once('connect', () => {
    if (via === undefined) wire.onOpen(socket);
    else {
      const authority = `${target.host}:${target.port}`;
      socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}${HEAD_END}`);
    }
  });
  socket.once('error', reject);
  socket.once('close', () => resolve());
  return promise;
}
