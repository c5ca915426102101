/**
 * Reading of TLS connections into memory of our own, which Node does for no TLS over a connection that exists. Otherwise each record comes
 * in a piece of memory of its own, of which the collector hears so late that it marks the whole heap for them (docs/adr/0014). Ends,
 * faults and all else stay Node's. Touches what Node does not document of connections; its test names the Node version it was tried on.
 */
import type tls from 'node:tls';
import { UnsuitableNode } from './bindings.ts';
import { streamBinding } from './tcp-bindings.ts';

/** Whoever reads a connection. Told by libuv, so nothing that is thrown here finds anybody who catches it. */
export interface RecordOwner {
  /** So many bytes are in the buffer. @returns the buffer to read into from now on; undefined: the same */
  onRecord(count: number): Buffer | undefined;
}

const owner = Symbol('owner');
const nodesRead = Symbol('nodesRead');

/** What Node keeps beneath a TLS socket. */
interface SecureHandle {
  onread: (bytes: unknown) => unknown;
  reading: boolean;
  readStart(): number;
  readStop(): number;
  useUserBuffer(buffer: Uint8Array): void;
  [owner]?: RecordOwner;
  [nodesRead]?: (bytes: unknown) => unknown;
}

const { streamBaseState, kReadBytesOrError } = streamBinding;

function onread(this: SecureHandle, bytes: unknown): unknown {
  const count = streamBaseState[kReadBytesOrError] as number;
  return count > 0 ? this[owner]?.onRecord(count) : this[nodesRead]?.(bytes);
}

function handleBeneath(socket: tls.TLSSocket): SecureHandle | null {
  return (socket as unknown as { readonly _handle: SecureHandle | null })._handle;
}

/**
 * From now on and for good what `socket`, which is open, reads goes into `buffer` and is told to `to`, and not to the Socket.
 * @throws {UnsuitableNode} where Node would not do so
 */
export function ownRecords(socket: tls.TLSSocket, buffer: Buffer, to: RecordOwner): void {
  const handle = handleBeneath(socket);
  if (typeof handle?.useUserBuffer !== 'function' || typeof handle.onread !== 'function')
    throw new UnsuitableNode('"useUserBuffer" of TLS sockets');
  handle[owner] = to;
  // Another leg may have had it before.
  handle[nodesRead] ??= handle.onread;
  handle.onread = onread;
  handle.useUserBuffer(buffer);
}

/** Has it read on; without effect where it is closed. */
export function startReading(socket: tls.TLSSocket): void {
  const handle = handleBeneath(socket);
  if (handle === null || handle.reading) return;
  handle.reading = true;
  handle.readStart();
}

/** What has come to it already is still told. Without effect where it is closed. */
export function stopReading(socket: tls.TLSSocket): void {
  const handle = handleBeneath(socket);
  if (handle === null) return;
  handle.reading = false;
  handle.readStop();
}
