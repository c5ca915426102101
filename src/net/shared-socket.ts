/**
 * A bound address on which other processes accept. Who binds it accepts nothing, but has it listening on as long as it
 * lives: connections that come while the last of the others is replaced wait in the kernel's queue. Beside tcp-handle.ts
 * the one place that touches what Node does not document (`_handle`); its test names the Node version it was tried on.
 */
import net, { type AddressInfo } from 'node:net';

/** What one process sends to another (`subprocess.send`), and `listen` of a server takes. */
export interface SocketHandle {
  readonly fd: number;
}

export class SharedSocket {
  /** With the port that the system chose where it was 0. */
  readonly address: AddressInfo;
  readonly handle: SocketHandle;
  readonly #owner: net.Socket;

  /** @throws {NodeJS.ErrnoException} where the address cannot be bound */
  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    const bound = new net.BoundSocket({ host, port });
    this.address = bound.address();
    // A socket that never connects: nothing reads it, so it keeps no process alive.
    this.#owner = new net.Socket({ handle: bound });
    this.handle = (this.#owner as unknown as { readonly _handle: SocketHandle })._handle;
  }

  /** Lets go of the address; processes that accept on it do so until they close it themselves. */
  close(): void {
    this.#owner.destroy();
  }
}
