/** What Node binds of libuv's TCP connections, as far as `tcp-handle.ts` uses it; compared with what there is when it is loaded. */
import { bindingOf } from './bindings.ts';

/** A TCP connection of libuv, which is `this` where it calls. What its functions return is 0 or a negative status of the system. */
export interface BoundTcp {
  onread: () => Buffer | undefined;
  reading: boolean;
  /** Bytes of writes that the kernel has not taken. */
  readonly writeQueueSize: number;
  readStart(): number;
  readStop(): number;
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, afterSeconds: number): number;
  /** Nothing keeps `buffer` but the caller, who must for as long as the handle reads: libuv writes into it. */
  useUserBuffer(buffer: Uint8Array): void;
  reset(onClosed: () => void): number;
  close(onClosed?: () => void): void;
  shutdown(request: Request): number;
  writeBuffer(request: Request, bytes: Uint8Array): number;
  writeLatin1String(request: Request, text: string): number;
  writev(request: Request, pieces: readonly Uint8Array[], areBytes: true): number;
  connect(request: Request, address: string, port: number): number;
  connect6(request: Request, address: string, port: number): number;
  bind(address: string, port: number): number;
  bind6(address: string, port: number, flags: number): number;
  getpeername(into: object): number;
}

/** What libuv is asked to do and tells the end of, where that is asked for. */
export interface Request {
  oncomplete?(status: number, handle: BoundTcp): void;
  /** Keeps what is written from the collector. */
  bytes?: Uint8Array | readonly Uint8Array[];
  /** Below zero while nothing is under way for it. */
  getAsyncId(): number;
}

interface TcpBinding {
  readonly TCP: new (type: number) => BoundTcp;
  readonly TCPConnectWrap: new () => Request;
  readonly constants: { readonly SOCKET: number };
}

interface StreamBinding {
  readonly WriteWrap: new () => Request;
  readonly ShutdownWrap: new () => Request;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

const MEMBERS: readonly Exclude<keyof BoundTcp, 'onread' | 'reading'>[] = [
  'writeQueueSize',
  'readStart',
  'readStop',
  'setNoDelay',
  'setKeepAlive',
  'useUserBuffer',
  'reset',
  'close',
  'shutdown',
  'writeBuffer',
  'writeLatin1String',
  'writev',
  'connect',
  'connect6',
  'bind',
  'bind6',
  'getpeername',
];
const STREAM_PARTS: readonly (keyof StreamBinding | 'ShutdownWrap.prototype.getAsyncId')[] = [
  'WriteWrap',
  'ShutdownWrap.prototype.getAsyncId',
  'streamBaseState',
  'kReadBytesOrError',
  'kLastWriteWasAsync',
];

export const tcpBinding = bindingOf<TcpBinding>('tcp_wrap', [
  ...MEMBERS.map((member) => `TCP.prototype.${member}`),
  'TCPConnectWrap',
  'constants.SOCKET',
]);
export const streamBinding = bindingOf<StreamBinding>('stream_wrap', STREAM_PARTS);
