/**
 * Connections as Node keeps them beneath its Sockets: accepted ones get a Socket that reads into buffers of ours from the first
 * byte on, and one that has a Socket can get another. The one place that touches what Node does not document (`_handle`,
 * `onconnection`, the `handle` option, `_server`); its test names the Node version it was tried on.
 */
import net from 'node:net';
import util from 'node:util';

/** What Node keeps on a Socket without documenting it. */
interface Internals {
  _handle: { reading: boolean; readStop(): number } | null;
  _server: unknown;
  server: unknown;
}

/** An accepted connection that has no Socket yet; {@link socketOf} makes it one. */
export interface Handle {
  readonly [accepted]: true;
}
declare const accepted: unique symbol;

interface ServerInternals {
  _connections: number;
  readonly _handle: {
    onconnection: (status: number, handle: Handle | undefined) => void;
    setNoDelay(on: boolean): void;
  };
}

/**
 * From now on `server`, which listens, gives each connection it accepts to `take` and not to its `connection` event. They
 * come without Nagle, which an accepted connection inherits: set once, and not for each.
 */
export function onAccepted(server: net.Server, take: (handle: Handle) => void): void {
  const { _handle } = server as unknown as ServerInternals;
  _handle.setNoDelay(true);
  _handle.onconnection = (status, handle) => {
    if (handle !== undefined) take(handle);
    else server.emit('error', new Error(`Cannot accept a connection: ${util.getSystemErrorName(status)}`));
  };
}

/** The Socket of a connection that `server` has accepted: half-open semantics, reads through `onread`. */
export function socketOf(server: net.Server, handle: Handle, onread: net.OnReadOpts): net.Socket {
  const options = { handle, onread, allowHalfOpen: true };
  const socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
  const to = socket as unknown as Internals;
  // The server counts its connections, and closes with the last.
  (server as unknown as ServerInternals)._connections += 1;
  to.server = server;
  to._server = server;
  return socket;
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
