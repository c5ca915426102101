/** One exchange as undici tells of it: to the sink as it comes, with undici's faults told as reasons. */
import { type Dispatcher, errors } from 'undici';
import { ProxyError, type Reason } from '#errors.ts';
import { asksOfConnection } from './connection-auth.ts';
import { reasonOfSocketError } from './dial-fault.ts';
import { ExchangeError, type ExchangeParts, type Phase } from './exchange.ts';
import type { RawHeaders } from './headers.ts';

type ByPhase = readonly [beforeTheAnswer: Reason, within: Reason];

const BROKEN_OFF: ByPhase = ['connection_terminated', 'response_incomplete'];

/** undici's codes, before and after the answer has begun. */
const REASONS_BY_CODE: Readonly<Record<string, ByPhase>> = {
  UND_ERR_HEADERS_TIMEOUT: ['response_timeout', 'response_timeout'],
  UND_ERR_BODY_TIMEOUT: ['response_timeout', 'response_timeout'],
  UND_ERR_HEADERS_OVERFLOW: ['response_malformed', 'response_malformed'],
  // Before the answer this stands for any fault of its head, where that has a Content-Length.
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['response_malformed', 'response_incomplete'],
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: ['request_malformed', 'request_malformed'],
  UND_ERR_INVALID_ARG: ['request_malformed', 'request_malformed'],
  UND_ERR_NOT_SUPPORTED: ['request_malformed', 'request_malformed'],
  UND_ERR_SOCKET: BROKEN_OFF,
  ECONNRESET: BROKEN_OFF,
  EPIPE: BROKEN_OFF,
  UND_ERR_DESTROYED: ['draining', 'draining'],
};

/** What an exchange needs to know of the connection that it is on. */
export interface Carrier {
  /** Whether an exchange before this one was on it. */
  readonly isReused: boolean;
  /** Whether the next hop has ended it. */
  readonly hasEnded: boolean;
  /** That it leads to, once it is open. */
  readonly address: string;
  /** Nothing of it is sent, and nothing will be. */
  stopOpening(reason: ProxyError): void;
  /** The request is on its way. */
  begun(): void;
  /** The next hop knows somebody by the connection: it is for nobody else. */
  becomePersonal(): void;
  /** Nothing more will be told. */
  done(): void;
}

type ResponseStart = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>;

export class UndiciExchange implements Dispatcher.DispatchHandler {
  readonly #parts: ExchangeParts;
  readonly #carrier: Carrier;
  #phase: Phase = 'connecting';
  #isReused = false;
  /** Whether a byte of an answer has come, interim or final. */
  #isAnswered = false;

  constructor(parts: ExchangeParts, carrier: Carrier) {
    this.#parts = parts;
    this.#carrier = carrier;
    // Until it begins, undici offers no way to stop it: the caller is let go now, and undici when it comes to begin.
    parts.abort.listen((reason) => {
      parts.reject(reason);
      carrier.stopOpening(reason);
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { abort, sink } = this.#parts;
    if (abort.reason !== undefined) {
      controller.abort(abort.reason);
      return;
    }
    this.#phase = 'sent';
    this.#isReused = this.#carrier.isReused;
    this.#carrier.begun();
    abort.listen((reason) => controller.abort(reason));
    sink.onSent(controller, this.#carrier.address);
  }

  onResponseStarted(): void {
    this.#isAnswered = true;
  }

  onResponseStart(...[controller, status, , phrase = '']: ResponseStart): void {
    const headers = textOf(controller.rawHeaders);
    if (status < 200) {
      this.#parts.sink.onInformation(status, headers);
      return;
    }
    this.#phase = 'answering';
    if (asksOfConnection(headers)) this.#carrier.becomePersonal();
    this.#parts.sink.onHead(status, latin1Of(phrase), headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#parts.sink.onChunk(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#parts.abort.listen(undefined);
    this.#parts.sink.onEnd(textOf(controller.rawTrailers));
    this.#carrier.done();
    this.#parts.resolve();
  }

  onResponseError(_controller: unknown, error: Error): void {
    const { abort, reject } = this.#parts;
    abort.listen(undefined);
    this.#carrier.done();
    reject(abort.reason ?? this.#classify(error));
  }

  #classify(error: Error): ProxyError {
    if (error instanceof ProxyError) return error;
    if (this.#isRefusedByUndici(error)) {
      const cause = new Error('A 100 or 101 that was not asked for', { cause: error });
      // It has begun to answer: whose fault that is nobody can tell, of a peer the least.
      return new ExchangeError('response_malformed', 'answering', cause);
    }
    const byPhase = reasonsOf(error);
    const reason = byPhase?.[this.#phase === 'answering' ? 1 : 0] ?? reasonOfSocketError(error);
    const isStale = this.#isReused && !this.#isAnswered && byPhase === BROKEN_OFF;
    return new ExchangeError(reason, isStale ? 'stale' : this.#phase, error);
  }

  /** undici itself ends a connection on which such an answer comes, and has no code for it. */
  #isRefusedByUndici(error: NodeJS.ErrnoException): boolean {
    const isBefore = this.#phase === 'sent' && this.#isAnswered;
    return isBefore && error.code === 'UND_ERR_SOCKET' && !this.#carrier.hasEnded;
  }
}

function reasonsOf(error: Error): ByPhase | undefined {
  if (error instanceof errors.HTTPParserError) {
    // Its code is never set. It shows the bytes that could not be read, and none where the connection ended instead.
    return (error as { data?: string }).data === ''
      ? BROKEN_OFF
      : ['response_malformed', 'response_malformed'];
  }
  return REASONS_BY_CODE[String((error as NodeJS.ErrnoException).code)];
}

/** undici's types say more than HTTP/1.1 gives: it is always buffers. */
function textOf(headers: unknown): RawHeaders {
  const parts = headers as readonly Buffer[];
  const text: string[] = [];
  for (const part of parts) text.push(part.toString('latin1'));
  return text;
}

/** undici reads the reason phrase as UTF-8; everywhere else, as in Node, a character stands for one byte. */
function latin1Of(phrase: string): string {
  if (/^[\t\x20-\x7e]*$/.test(phrase)) return phrase;
  return Buffer.from(phrase)
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}
