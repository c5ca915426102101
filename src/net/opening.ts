/**
 * The opening of one connection to one checked address, over TLS where that is asked for: its place in the ledger, its deadline.
 * Once it is tried again: where file descriptors have run out, by those of idle connections, and where a ticket was refused,
 * without it.
 */
import type { BufferPool } from './buffers.ts';
import type { ConnectObserver } from './connecting.ts';
import type { IdleSockets } from './idle-sockets.ts';
import type { Ledger } from './ledger.ts';
import type { Place } from './leg.ts';
import { TcpLeg } from './tcp-leg.ts';
import type { TlsClient } from './tls-client.ts';
import type { TlsLeg } from './tls-leg.ts';
import type { Deadline, Timed, Wheel } from './wheel.ts';

/** What every dial of a process shares. */
export interface DialTools {
  readonly pool: BufferPool;
  readonly ledger: Ledger;
  readonly wheel: Wheel;
  readonly idle: IdleSockets;
}

export interface DialTarget extends Place {
  /** For all of it, a handshake included. */
  readonly timeoutMs: number;
  /** Undefined: without TLS. */
  readonly tls?: TlsClient | undefined;
  /**
   * For a leg that stays one: it reads from the start, which saves libuv a vain system call once it is connected. What comes before
   * somebody is in charge waits in the leg, and it cannot become a Socket of Node's. Without TLS only.
   */
  readonly readsAtOnce?: boolean;
  /** After so long the observer is told that it takes its time; less than {@link timeoutMs}. */
  readonly slowAfterMs?: number | undefined;
}

/** What a connection to a next hop is. */
export type UpstreamLeg = TcpLeg | TlsLeg;

/** Told of the outcome, one of the two and once. */
export interface OpeningObserver {
  /** The leg is the caller's, and in nobody's charge. It reads nothing before it is told to, but for {@link DialTarget.readsAtOnce}. */
  onOpened(leg: UpstreamLeg, opening: Opening): void;
  /** Nothing is left open. */
  onFailed(error: NodeJS.ErrnoException, opening: Opening): void;
  /** It takes longer than {@link DialTarget.slowAfterMs}, and goes on. At most once, before the outcome. */
  onSlow?(opening: Opening): void;
}

/** Errors of a process, or a system, without file descriptors. */
const EXHAUSTED: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE']);

export class Opening implements ConnectObserver, Timed {
  readonly target: DialTarget;
  readonly #tools: DialTools;
  readonly #observer: OpeningObserver;
  /** One for both: that it is slow, where somebody wants to know, and that its time is over. */
  readonly #deadline: Deadline;
  #isSlow: boolean;
  #leg: UpstreamLeg;
  #isRepeated = false;
  #stoppedBy: Error | undefined = undefined;

  constructor(tools: DialTools, target: DialTarget, observer: OpeningObserver) {
    this.#tools = tools;
    this.target = target;
    this.#observer = observer;
    this.#isSlow = target.slowAfterMs === undefined;
    this.#deadline = tools.wheel.deadline(this);
    this.#deadline.set(target.slowAfterMs ?? target.timeoutMs);
    this.#leg = this.#connect();
  }

  /** Gives up, and fails with `error`. Not to be called once it is opened. */
  stop(error: Error): void {
    // The leg may be closing already, by a fault after which there would be a second one.
    this.#stoppedBy = error;
    this.#leg.destroy(error);
  }

  /** Called by the wheel. */
  onDeadline(): void {
    if (this.#isSlow) {
      this.stop(timedOut());
      return;
    }
    this.#isSlow = true;
    this.#deadline.set(this.target.timeoutMs - (this.target.slowAfterMs as number));
    this.#observer.onSlow?.(this);
  }

  /** Called by the leg. */
  onConnect(): void {
    const { tls } = this.target;
    if (tls !== undefined && this.#leg instanceof TcpLeg) {
      this.#leg = tls.secure(this.#leg, this.#tools.pool, this);
      return;
    }
    this.#deadline.clear();
    this.#observer.onOpened(this.#leg, this);
  }

  /** Called by the leg. */
  onConnectFault(error: NodeJS.ErrnoException = new Error('Closed')): void {
    if (this.#stoppedBy === undefined && !this.#isRepeated && this.#canGoWell(error)) {
      this.#isRepeated = true;
      this.#leg = this.#connect();
      return;
    }
    this.#deadline.clear();
    this.#observer.onFailed(this.#stoppedBy ?? error, this);
  }

  /** Whether what `error` tells of will be otherwise at a second attempt. */
  #canGoWell(error: NodeJS.ErrnoException): boolean {
    if (EXHAUSTED.has(error.code)) return this.#tools.idle.closeAll();
    return this.target.tls?.blamesTicket(this.#leg, error) === true;
  }

  #connect(): TcpLeg {
    const { pool, ledger } = this.#tools;
    const leg = new TcpLeg(pool, ledger.upstream);
    ledger.countOpened('upstream');
    leg.connect(this.target, this);
    if (this.target.readsAtOnce === true && this.target.tls === undefined) leg.resume();
    return leg;
  }
}

function timedOut(): Error {
  return Object.assign(new Error('Connect timed out'), { code: 'ETIMEDOUT' });
}
