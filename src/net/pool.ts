/**
 * Keep-alive connections to next hops and plain HTTP over them, by undici's dispatcher with raw header fields. The only
 * user of undici. A connection is kept under the address that was checked, so reuse never skips the check of where it leads.
 */
import net from 'node:net';
import { Agent, type Dispatcher, errors } from 'undici';
import { ProxyError, type Reason } from '#errors.ts';
import type { Abort } from './abort.ts';
import { type DialTools, reasonOfSocketError } from './dial.ts';
import { ExchangeError, type ExchangeRequest, type Phase, type ResponseSink } from './exchange.ts';
import type { RawHeaders } from './headers.ts';
import { KEEP_ALIVE_MS, MAX_HEAD_BYTES } from './limits.ts';

/** Idle connections to a next hop are kept this long; less than what servers commonly do (SEMANTICS 2.1). */
const IDLE_MS = 30_000;

type ByPhase = readonly [beforeTheAnswer: Reason, within: Reason];

const BROKEN_OFF: ByPhase = ['connection_terminated', 'response_incomplete'];

/** undici's codes, before and after the answer has begun. */
const REASONS_BY_CODE: Readonly<Record<string, ByPhase>> = {
  UND_ERR_CONNECT_TIMEOUT: ['connection_timeout', 'connection_timeout'],
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
  UND_ERR_CLOSED: ['draining', 'draining'],
};

/** undici's callback, which its types split into two. */
type Connected = (error: Error | null, socket: net.Socket | null) => void;

export class HttpPool {
  readonly #agent: Agent;
  readonly #tools: DialTools;
  /** undici connects on its own account, in the wake of the exchange that needs it; this is what the latest one asked for. */
  #connectTimeoutMs = 0;

  constructor(tools: DialTools) {
    this.#tools = tools;
    this.#agent = new Agent({
      connect: (options, callback) => this.#connect(options, callback as Connected),
      // As many as there are transactions: a limit here would queue where no clock and no record sees it.
      connections: null,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      maxHeaderSize: MAX_HEAD_BYTES,
      allowH2: false,
    });
  }

  /**
   * Carries out one exchange; resolves when the answer is complete.
   * @throws {ExchangeError}, or the reason of `abort`
   */
  exchange(request: ExchangeRequest, sink: ResponseSink, abort: Abort): Promise<void> {
    return new Promise((resolve, reject) => {
      abort.check();
      this.#connectTimeoutMs = request.connectTimeoutMs;
      const host = request.address.includes(':') ? `[${request.address}]` : request.address;
      const handler = new Handler({ sink, abort, resolve, reject });
      const options: Dispatcher.DispatchOptions = {
        origin: `http://${host}:${request.port}`,
        path: request.target,
        method: request.method as Dispatcher.HttpMethod,
        headers: request.headers,
        body: request.body ?? null,
        headersTimeout: request.idleTimeoutMs,
        bodyTimeout: request.idleTimeoutMs,
      };
      this.#agent.dispatch(options, handler);
    });
  }

  /** Closes idle connections now and the others when their exchange ends. */
  async close(): Promise<void> {
    await this.#agent.close();
  }

  /** Breaks every connection off. */
  async destroy(): Promise<void> {
    await this.#agent.destroy();
  }

  #connect(options: { readonly hostname: string; readonly port: string }, callback: Connected): void {
    const socket = net.connect({
      host: options.hostname,
      port: Number(options.port),
      autoSelectFamily: false,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    this.#tools.ledger.track('upstream', socket);
    const deadline = this.#tools.wheel.deadline(() => {
      socket.destroy(Object.assign(new Error('Connect timed out'), { code: 'ETIMEDOUT' }));
    });
    deadline.set(this.#connectTimeoutMs);
    const onError = (error: Error): void => {
      deadline.clear();
      callback(error, null);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      deadline.clear();
      socket.off('error', onError);
      socket.on('error', maskReset);
      callback(null, socket);
    });
  }
}

/** undici takes a reset for the end of a body that runs until the connection closes; under another code it is a fault. */
function maskReset(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'EPIPE';
}

interface HandlerParts {
  readonly sink: ResponseSink;
  readonly abort: Abort;
  readonly resolve: () => void;
  readonly reject: (error: ProxyError) => void;
}

type ResponseStart = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>;

class Handler implements Dispatcher.DispatchHandler {
  readonly #parts: HandlerParts;
  #phase: Phase = 'connecting';

  constructor(parts: HandlerParts) {
    this.#parts = parts;
    // Until it begins, undici offers no way to stop it: the caller is let go now, and undici when it comes to begin.
    parts.abort.listen(parts.reject);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { abort, sink } = this.#parts;
    if (abort.reason !== undefined) {
      controller.abort(abort.reason);
      return;
    }
    this.#phase = 'sent';
    abort.listen((reason) => controller.abort(reason));
    sink.onSent(controller);
  }

  onResponseStart(...[controller, status, , phrase = '']: ResponseStart): void {
    const headers = textOf(controller.rawHeaders);
    if (status < 200) {
      this.#parts.sink.onInformation(status, headers);
      return;
    }
    this.#phase = 'answering';
    this.#parts.sink.onHead(status, latin1Of(phrase), headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#parts.sink.onChunk(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#parts.abort.listen(undefined);
    this.#parts.sink.onEnd(textOf(controller.rawTrailers));
    this.#parts.resolve();
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#parts.abort.listen(undefined);
    this.#parts.reject(this.#parts.abort.reason ?? this.#classify(error));
  }

  #classify(error: Error): ProxyError {
    if (error instanceof ProxyError) return error;
    const reason = reasonsOf(error)?.[this.#phase === 'answering' ? 1 : 0];
    return new ExchangeError(reason ?? reasonOfSocketError(error), this.#phase, error);
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
  return (headers as readonly Buffer[]).map((part) => part.toString('latin1'));
}

/** undici reads the reason phrase as UTF-8; everywhere else, as in Node, a character stands for one byte. */
function latin1Of(phrase: string): string {
  return Buffer.from(phrase)
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}
