/**
 * TCP connections as libuv keeps them beneath Node's Sockets. A Socket is two streams, an emitter and their queues: for a tunnel
 * of two sides they cost more than all that Weir does for it (docs/adr/0012). With `tcp-bindings.ts`, `tls-handle.ts` and
 * `shared-socket.ts` the one place that touches what Node does not document of connections; its test names the Node version it was
 * tried on.
 */
import net from 'node:net';
import type tls from 'node:tls';
import util from 'node:util';
import { hostPort } from './authority.ts';
import { UnsuitableNode } from './bindings.ts';
import type { Place } from './leg.ts';
import { type BoundTcp, type Request, streamBinding, tcpBinding } from './tcp-bindings.ts';

/** Whoever a connection belongs to. Told by libuv, so nothing that is thrown here finds anybody who catches it. */
export interface HandleOwner {
  /** So many bytes are in the buffer. @returns the buffer to read into from now on; undefined: the same */
  onRead(count: number): Buffer | undefined;
  /** The far end has sent its FIN; reading has stopped. */
  onReadEnd(): void;
  /** @param status of the system, negative where the connect failed */
  onConnected(status: number): void;
  /** A write that was {@link PENDING} is over. @param status of the system, negative where it failed */
  onWritten(status: number): void;
  /** The FIN for which it waits ({@link awaitFin}) is sent, or cannot be. */
  onShutDown(): void;
  onReadFault(status: number): void;
  onHandleClosed(): void;
}

const owner = Symbol('owner');

/** A connection, or one to be. */
export interface TcpHandle extends BoundTcp {
  [owner]: HandleOwner;
}

const { TCP, TCPConnectWrap, constants } = tcpBinding;
const { WriteWrap, ShutdownWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = streamBinding;

/** libuv's, which is no errno. */
const END_OF_STREAM = -4095;
/** What {@link writeBytes} and {@link writeText} say of a write that the kernel has not taken whole. */
export const PENDING = 1;

function onread(this: TcpHandle): Buffer | undefined {
  const count = streamBaseState[kReadBytesOrError] as number;
  if (count > 0) return this[owner].onRead(count);
  if (count === END_OF_STREAM) this[owner].onReadEnd();
  else if (count < 0) this[owner].onReadFault(count);
  return undefined;
}

function onConnected(status: number, handle: TcpHandle): void {
  handle[owner].onConnected(status);
}

function onWritten(status: number, handle: TcpHandle): void {
  handle[owner].onWritten(status);
}

function onShutDown(_status: number, handle: TcpHandle): void {
  handle[owner].onShutDown();
}

function onClosed(this: TcpHandle): void {
  this[owner].onHandleClosed();
}

/** A connection to be. Without Nagle, as {@link onAccepted} gives them. */
export function newHandle(): TcpHandle {
  const handle = new TCP(constants.SOCKET) as TcpHandle;
  handle.setNoDelay(true);
  return handle;
}

/** From now on `to` hears of all that happens to `handle`. */
export function own(handle: TcpHandle, to: HandleOwner): void {
  handle[owner] = to;
  handle.onread = onread;
}

/** Connects to an IP address, IPv6 where it has a colon. The owner hears the outcome, except of a status that is not 0. */
export function connectHandle(handle: TcpHandle, address: string, port: number): number {
  const request = new TCPConnectWrap();
  request.oncomplete = onConnected;
  return address.includes(':')
    ? handle.connect6(request, address, port)
    : handle.connect(request, address, port);
}

/** Has a connection to be begin at `address` of this host, from a port of the system's choice. @returns 0, or a negative status */
export function bindHandle(handle: TcpHandle, address: string): number {
  return address.includes(':') ? handle.bind6(address, 0, 0) : handle.bind(address, 0);
}

/** For the next write: one that the kernel takes whole leaves it as it is. */
let spare = new WriteWrap();

/**
 * Writes `bytes` and `more` at once; they must not change until the owner is told, where the write is {@link PENDING}.
 * @returns 0, PENDING, or a negative status of the system
 */
export function writeBytes(handle: TcpHandle, bytes: Uint8Array, more?: Uint8Array): number {
  if (more === undefined) return endOfWrite(handle.writeBuffer(spare, bytes), bytes);
  const pieces = [bytes, more];
  return endOfWrite(handle.writev(spare, pieces, true), pieces);
}

/** Writes text of Latin-1. @returns as {@link writeBytes} */
export function writeText(handle: TcpHandle, text: string): number {
  return endOfWrite(handle.writeLatin1String(spare, text), undefined);
}

function endOfWrite(status: number, bytes: Request['bytes']): number {
  if (status === 0 && streamBaseState[kLastWriteWasAsync] === 0) return 0;
  spare.oncomplete = onWritten;
  if (bytes !== undefined) spare.bytes = bytes;
  spare = new WriteWrap();
  return status === 0 ? PENDING : status;
}

/** Sends the FIN in this turn of the event loop. Nobody is told when that is done: for nearly all it would be for nothing. */
export function shutDown(handle: TcpHandle): Request {
  const request = new ShutdownWrap();
  handle.shutdown(request);
  return request;
}

/** @returns whether `fin`, which {@link shutDown} gave, is still being sent: then the owner is told when it is done */
export function awaitFin(fin: Request): boolean {
  if (fin.getAsyncId() < 0) return false;
  fin.oncomplete = onShutDown;
  return true;
}

/** Closes, sending what the kernel has taken; writes that are pending end with an error. Unless `isSilent` the owner is told. */
export function closeHandle(handle: TcpHandle, isSilent: boolean): void {
  if (isSilent) handle.close();
  else handle.close(onClosed);
}

/** Closes with RST. Not while a FIN is on its way: libuv would refuse it, and the handle be lost. */
export function resetHandle(handle: TcpHandle): void {
  handle.reset(onClosed);
}

/** Who is at the far end; undefined where there is nobody any more. */
export function remoteOf(handle: TcpHandle): Place | undefined {
  // With all that is filled in, so that its shape does not change.
  const remote = { address: '', family: '', port: 0 };
  return handle.getpeername(remote) === 0 ? remote : undefined;
}

/** An error as Node makes them of a status. */
export function systemError(status: number, syscall: string): NodeJS.ErrnoException {
  const code = util.getSystemErrorName(status);
  return Object.assign(new Error(`${syscall} ${code}`), { errno: status, code, syscall });
}

/** The error of a connect, which names whom it was to. */
export function connectError(status: number, { address, port }: Place): NodeJS.ErrnoException {
  const error = systemError(status, 'connect');
  error.message += ` ${hostPort(address, port)}`;
  return Object.assign(error, { address, port });
}

interface ServerInternals {
  readonly _handle?: {
    onconnection: (status: number, handle: TcpHandle | undefined) => void;
    setNoDelay(on: boolean): void;
  };
}

/**
 * From now on `server`, which listens, gives each connection it accepts to `take` and not to its `connection` event, and does
 * not count it. They come without Nagle, which an accepted connection inherits: set once, and not for each.
 * @throws {UnsuitableNode} where Node would not do so
 */
export function onAccepted(server: net.Server, take: (handle: TcpHandle) => void): void {
  const { _handle } = server as unknown as ServerInternals;
  if (typeof _handle?.onconnection !== 'function') throw new UnsuitableNode('"onconnection" of servers');
  _handle.setNoDelay(true);
  const onConnection: typeof _handle.onconnection = (status, handle) => {
    if (handle !== undefined) take(handle);
    else server.emit('error', new Error(`Cannot accept a connection: ${util.getSystemErrorName(status)}`));
  };
  _handle.onconnection = onConnection;
}

/** A Socket of Node for a connection that had none; one that has read already needs `onread` among the `options`. */
export function socketOf(handle: TcpHandle, options: Omit<net.SocketConstructorOpts, 'fd'>): net.Socket {
  return new net.Socket({ ...options, handle } as unknown as net.SocketConstructorOpts);
}

/** The Socket that `socket` was made over. @throws {UnsuitableNode} where Node does not tell */
export function socketBeneath(socket: tls.TLSSocket): net.Socket {
  const { _parent } = socket as unknown as { readonly _parent?: net.Socket | null };
  if (!(_parent instanceof net.Socket)) throw new UnsuitableNode('"_parent" of TLS sockets');
  return _parent;
}

/**
 * Closes `socket` with RST, which Node does only where there is no TLS. The one beneath is not reset by itself: Node ends with a
 * segmentation fault when the one above is then closed before it has heard of that. Not while a FIN is on its way.
 */
export function resetSecure(socket: tls.TLSSocket): void {
  const beneath = socketBeneath(socket) as net.Socket & { resetAndClosing: boolean };
  beneath.resetAndClosing = true;
  socket.destroy();
}

/** What {@link handleOf} hands on. */
export interface TakenOver {
  readonly handle: TcpHandle;
  /** Bytes the Socket had read and nobody had taken. */
  readonly early: Buffer | undefined;
}

/**
 * Takes the connection from `socket`, which is dead afterwards and emits nothing more. An end of the stream that it saw is seen
 * again by the next owner, since the kernel reports it to every read.
 * @throws {Error} when `socket` is already closed
 */
export function handleOf(socket: net.Socket): TakenOver {
  const from = socket as unknown as { _handle: TcpHandle | null };
  const handle = from._handle;
  if (handle === null) throw new Error('Cannot take over a closed socket');
  socket.setTimeout(0);
  socket.removeAllListeners();
  const early = bufferedBy(socket);
  handle.readStop();
  handle.reading = false;
  from._handle = null;
  return { handle, early };
}

/** All that `socket` has read and nobody has taken: Node gives it piece by piece. */
export function bufferedBy(socket: net.Socket): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (let piece = socket.read(); piece !== null; piece = socket.read()) pieces.push(piece);
  return pieces.length > 1 ? Buffer.concat(pieces) : pieces[0];
}
