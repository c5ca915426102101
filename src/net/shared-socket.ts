/**
 * A bound address on which other processes accept. Who binds it accepts nothing, but has it listening on as long as it
 * lives: connections that come while the last of the others is replaced wait in the kernel's queue. Beside tcp-handle.ts
 * the one place that touches what Node does not document of connections (`_handle`); its test names the Node version it was tried on.
 */
import net, { type AddressInfo } from 'node:net';
import { UnsuitableNode } from './bindings.ts';

/** What one process sends to another (`subprocess.send`), and `listen` of a server takes. */
export interface SocketHandle {
  readonly fd: number;
}

/** A bound address that is held for others. */
export interface ListeningSocket {
  readonly address: AddressInfo;
  readonly handle: SocketHandle;
  /** Lets go of the address; processes that accept on it do so until they close it themselves. */
  close(): void;
}

export class SharedSocket implements ListeningSocket {
  /** With the port that the system chose where it was 0. */
  readonly address: AddressInfo;
  readonly handle: SocketHandle;
  readonly #owner: net.Socket;

  /**
   * @throws {NodeJS.ErrnoException} where the address cannot be bound
   * @throws {UnsuitableNode} where Node cannot bind without accepting, or its Sockets have no handle to send
   */
  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    if (typeof net.BoundSocket !== 'function') throw new UnsuitableNode('"net.BoundSocket"');
    const bound = new net.BoundSocket({ host, port });
    this.address = bound.address();
    // A socket that never connects: nothing reads it, so it keeps no process alive.
    this.#owner = new net.Socket({ handle: bound });
    this.handle = handleIn(this.#owner);
  }

  close(): void {
    this.#owner.destroy();
  }
}

/** Without one, workers would be told of a socket and get none. @throws {UnsuitableNode} */
export function handleIn(owner: net.Socket): SocketHandle {
  const { _handle: handle } = owner as unknown as { readonly _handle?: SocketHandle };
  if (typeof handle?.fd === 'number') return handle;
  owner.destroy();
  throw new UnsuitableNode('"_handle" of Sockets');
}
