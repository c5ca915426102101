/**
 * Gives the handle of an accepted socket to a new Socket that reads into buffers of ours. The one place that touches
 * what Node does not document (`_handle`, the `handle` option, `_server`); its test names the Node version it was tried on.
 */
import net from 'node:net';

/** What Node keeps on a Socket without documenting it. */
interface Internals {
  _handle: { reading: boolean; readStop(): number } | null;
  _server: unknown;
  server: unknown;
}

/** What {@link takeOver} hands on. */
export interface TakenOver {
  /** Reads through `onread`, has half-open semantics, and owns the connection from now on. */
  readonly socket: net.Socket;
  /** Bytes the old socket had read and nobody had taken. */
  readonly early: Buffer | undefined;
}

/**
 * Takes the connection from `old`, which is dead afterwards and emits nothing more. An end of the stream that `old` saw
 * is seen again by the new socket, since the kernel reports it to every read.
 * @throws {Error} when `old` is already closed
 */
export function takeOver(old: net.Socket, onread: net.OnReadOpts): TakenOver {
  const from = old as unknown as Internals;
  const handle = from._handle;
  if (handle === null) throw new Error('Cannot take over a closed socket');
  old.setTimeout(0);
  old.removeAllListeners();
  const early = old.read() as Buffer | null;
  handle.readStop();
  handle.reading = false;
  const options = { handle, onread, allowHalfOpen: true };
  const socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
  const to = socket as unknown as Internals;
  // The server counts its connections down when the socket that knows it closes.
  to.server = from.server;
  to._server = from._server;
  from._handle = null;
  from._server = null;
  return { socket, early: early ?? undefined };
}
