/**
 * One exchange on a connection of ours: the request in one write, the answer to the sink as it comes. Owns how far it has come,
 * what a fault then means, and how long the next hop has been silent; the connection is its carrier's.
 *
 *   connecting --begin()--> sent --head of the final answer--> answering --its end--> settled
 *   any --fault, abort--> settled
 */
import { ProxyError, type Reason } from '#errors.ts';
import type { AnswerReader } from './answer-reader.ts';
import { reasonOfSocketError } from './dial-fault.ts';
import {
  type ExchangeControl,
  ExchangeError,
  type ExchangeParts,
  type ExchangeRequest,
  type Phase,
} from './exchange.ts';
import { MalformedAnswer } from './field-section.ts';
import { leavesConnection, renderRequest } from './request-head.ts';

/** What an exchange needs of the connection that it is on. */
export interface LegCarrier {
  /** Whether an exchange before this one was on it. */
  readonly isReused: boolean;
  readonly reader: AnswerReader;
  /** That it leads to, once it is open. */
  readonly address: string;
  write(text: string): void;
  resume(): void;
  /** The exchange is over; the connection can be kept for `keptMs`, or 0: not at all. */
  free(keptMs: number): void;
  /** The exchange has failed, and the connection with it. */
  drop(): void;
}

/** Errors of a connection that the next hop has closed. */
const BROKEN_OFF: ReadonlySet<string | undefined> = new Set([undefined, 'ECONNRESET', 'EPIPE']);

export class LegExchange implements ExchangeControl {
  readonly request: ExchangeRequest;
  readonly #parts: ExchangeParts;
  readonly #text: string;
  /** Until it is settled. */
  #carrier: LegCarrier | undefined = undefined;
  /** Once it is sent. */
  #reader: AnswerReader | undefined = undefined;
  #isReused = false;
  /** Whether a byte of an answer has come, interim or final. */
  #isAnswered = false;
  #isPaused = false;
  /** As of the last look: what had come, and since when no more. */
  #bytesSeen = -1;
  #quietSinceMs = 0;

  /** @throws {ExchangeError} `request_malformed` */
  constructor(request: ExchangeRequest, parts: ExchangeParts) {
    this.request = request;
    this.#parts = parts;
    this.#text = renderRequest(request);
    parts.abort.listen((reason) => this.fail(reason));
  }

  /** It is to be carried by `carrier`, instead of another where there was one. */
  board(carrier: LegCarrier): void {
    this.#carrier = carrier;
  }

  /** A connection for it is being opened, to this address. */
  onDial(address: string): void {
    this.#parts.sink.onDial(address);
  }

  /** Sends the request. */
  begin(): void {
    const { sink } = this.#parts;
    const carrier = this.#carrier as LegCarrier;
    this.#isReused = carrier.isReused;
    this.#reader = carrier.reader;
    this.#reader.begin(sink, this.request.method);
    try {
      sink.onSent(this, carrier.address);
    } catch (error) {
      this.#failBy(error);
    }
    if (this.#carrier !== undefined) carrier.write(this.#text);
  }

  /** Part of the answer has come. @returns false to pause */
  read(carrier: LegCarrier, bytes: Buffer): boolean {
    this.#isAnswered = true;
    try {
      const isAll = carrier.reader.read(bytes);
      // Nobody asked for what is behind an answer; the answer to the next request it is not.
      if (carrier.reader.isOver) this.#succeed(isAll);
    } catch (error) {
      this.#failBy(error);
    }
    return !this.#isPaused || this.#carrier === undefined;
  }

  /** The next hop has ended the connection. */
  end(carrier: LegCarrier): void {
    try {
      if (carrier.reader.end()) this.#succeed(false);
      else this.broken(undefined);
    } catch (error) {
      this.#failBy(error);
    }
  }

  /** The connection could not be opened, or is closed. */
  broken(error: NodeJS.ErrnoException | undefined): void {
    const { phase } = this;
    const isBrokenOff = phase !== 'connecting' && BROKEN_OFF.has(error?.code);
    const reason = isBrokenOff ? brokenOff(phase) : reasonOfSocketError(error);
    const isStale = isBrokenOff && this.#isReused && !this.#isAnswered;
    this.fail(new ExchangeError(reason, isStale ? 'stale' : phase, error ?? 'Closed by the next hop'));
  }

  /** Settles it. What comes after that is nobody's. */
  fail(error: ProxyError): void {
    const carrier = this.#carrier;
    if (carrier === undefined) return;
    this.#settle();
    carrier.reader.stop();
    carrier.drop();
    this.#parts.reject(error);
  }

  get phase(): Phase {
    if (this.#reader === undefined) return 'connecting';
    return this.#reader.hasHead ? 'answering' : 'sent';
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#bytesSeen = -1;
    this.#carrier?.resume();
  }

  /**
   * Looks whether something has come since it last did, and fails where that is too long ago. A next hop that is not read
   * cannot be blamed for its silence.
   * @returns in how many milliseconds to look again
   */
  checkSilence(nowMs: number, bytesRead: number): number {
    const { idleTimeoutMs } = this.request;
    if (this.#isPaused || bytesRead !== this.#bytesSeen) this.#quietSinceMs = nowMs;
    this.#bytesSeen = bytesRead;
    const leftMs = this.#quietSinceMs + idleTimeoutMs - nowMs;
    if (leftMs <= 0) this.fail(new ExchangeError('response_timeout', this.phase, 'Silent too long'));
    return Math.min(idleTimeoutMs / 4, leftMs);
  }

  /** Unless it was aborted while the sink was told of the end. */
  #succeed(isAll: boolean): void {
    const carrier = this.#carrier;
    if (carrier === undefined) return;
    this.#settle();
    carrier.free(isAll && leavesConnection(this.request) ? carrier.reader.keptMs : 0);
    this.#parts.resolve();
  }

  #settle(): void {
    this.#carrier = undefined;
    this.#parts.abort.listen(undefined);
  }

  #failBy(error: unknown): void {
    if (error instanceof MalformedAnswer)
      this.fail(new ExchangeError('response_malformed', this.phase, error));
    else this.fail(ProxyError.from(error));
  }
}

function brokenOff(phase: Phase): Reason {
  return phase === 'answering' ? 'response_incomplete' : 'connection_terminated';
}
