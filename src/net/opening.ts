/**
 * The opening of one TCP connection to one checked address: its options, its place in the ledger, its deadline. Where file
 * descriptors have run out it takes one of the idle connections, once. Whoever opens says what kind of socket it is to be.
 */
import net from 'node:net';
import type { BufferPool } from './buffers.ts';
import type { IdleSockets } from './idle-sockets.ts';
import type { Ledger } from './ledger.ts';
import { KEEP_ALIVE_MS } from './limits.ts';
import type { Deadline, Wheel } from './wheel.ts';

/** What every dial of a process shares. */
export interface DialTools {
  readonly pool: BufferPool;
  readonly ledger: Ledger;
  readonly wheel: Wheel;
  readonly idle: IdleSockets;
}

export interface DialTarget {
  /** IP address; names never reach this module. */
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** Told of the outcome, one of the two and once. */
export interface OpeningParts {
  /** Makes the socket; called again where the first one finds no file descriptor. @default a plain one, with keepalive */
  readonly connect?: (options: net.TcpNetConnectOpts) => net.Socket;
  /** The socket is the caller's. */
  readonly opened: (socket: net.Socket) => void;
  /** Nothing is left open. */
  readonly failed: (error: NodeJS.ErrnoException) => void;
}

/** Errors of a process, or a system, without file descriptors. */
const EXHAUSTED: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE']);

export class Opening {
  readonly #tools: DialTools;
  readonly #target: DialTarget;
  readonly #parts: OpeningParts;
  readonly #deadline: Deadline;
  #socket: net.Socket;
  #isRepeated = false;

  constructor(tools: DialTools, target: DialTarget, parts: OpeningParts) {
    this.#tools = tools;
    this.#target = target;
    this.#parts = parts;
    this.#deadline = tools.wheel.deadline(() => this.stop(timedOut()));
    this.#deadline.set(target.timeoutMs);
    this.#socket = this.#connect();
  }

  /** Gives up, and fails with `error`. Not to be called once it is opened. */
  stop(error: Error): void {
    this.#socket.destroy(error);
  }

  #connect(): net.Socket {
    const { connect = connectKept } = this.#parts;
    const socket = connect({
      host: this.#target.address,
      port: this.#target.port,
      autoSelectFamily: false,
      noDelay: true,
    });
    this.#tools.ledger.track('upstream', socket);
    // It is told by the close that follows, and must be heard.
    socket.on('error', () => {});
    socket.once('close', this.#onClose);
    socket.once('connect', this.#onConnect);
    return socket;
  }

  readonly #onConnect = (): void => {
    this.#deadline.clear();
    this.#socket.off('close', this.#onClose);
    this.#parts.opened(this.#socket);
  };

  readonly #onClose = (): void => {
    const error: NodeJS.ErrnoException = this.#socket.errored ?? new Error('Closed');
    if (EXHAUSTED.has(error.code) && !this.#isRepeated && this.#tools.idle.closeAll()) {
      this.#isRepeated = true;
      this.#socket = this.#connect();
      return;
    }
    this.#deadline.clear();
    this.#parts.failed(error);
  };
}

/** A connection may be kept, or be silent amid an exchange, for longer than firewalls remember it. */
function connectKept(options: net.TcpNetConnectOpts): net.Socket {
  return net.connect({ ...options, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
}

function timedOut(): Error {
  return Object.assign(new Error('Connect timed out'), { code: 'ETIMEDOUT' });
}
