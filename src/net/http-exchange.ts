/**
 * Exchanges that neither our own client nor undici can carry out, by `node:http` on a connection of their own:
 * `Expect: 100-continue`, `OPTIONS *`, request trailers, and Upgrade (docs/adr/0006, 0013).
 */
import http from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { ProxyError } from '#errors.ts';
import type { Abort } from './abort.ts';
import { reasonOfSocketError } from './dial-fault.ts';
import { ExchangeError, type ExchangeRequest, type Phase, type ResponseSink } from './exchange.ts';
import { pairsOf, type RawHeaders } from './headers.ts';
import { MAX_ANSWER_HEAD_BYTES } from './limits.ts';
import type { DialTools } from './opening.ts';
import { openAny } from './race.ts';

/** The next hop has switched protocols: the connection is the caller's. */
export interface Switched {
  readonly phrase: string;
  readonly headers: RawHeaders;
  readonly socket: net.Socket;
  /** Bytes that came after the head. */
  readonly head: Buffer;
}

/**
 * Carries out one exchange. Resolves when the answer is complete, or with the connection after a 101.
 * @throws {ExchangeError}, or the reason of `abort`
 */
export function exchangeByHttp(
  tools: DialTools,
  request: ExchangeRequest,
  parts: { readonly sink: ResponseSink; readonly abort: Abort },
): Promise<Switched | undefined> {
  return new Promise((resolve, reject) => {
    parts.abort.check();
    new HttpExchange({ tools, request, ...parts, resolve, reject }).start();
  });
}

interface Parts {
  readonly tools: DialTools;
  readonly request: ExchangeRequest;
  readonly sink: ResponseSink;
  readonly abort: Abort;
  readonly resolve: (switched: Switched | undefined) => void;
  readonly reject: (error: ProxyError) => void;
}

class HttpExchange {
  readonly #parts: Parts;
  readonly #outgoing: http.ClientRequest;
  #response: http.IncomingMessage | undefined = undefined;
  #phase: Phase = 'connecting';
  #hasFailed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { request } = parts;
    this.#outgoing = http.request({
      method: request.method,
      path: request.target,
      headers: fieldsOf(request),
      setHost: false,
      maxHeaderSize: MAX_ANSWER_HEAD_BYTES,
      createConnection: (_options, connected) => this.#connect(connected),
    });
  }

  start(): void {
    const { sink, request } = this.#parts;
    const outgoing = this.#outgoing;
    outgoing.on('error', (error) => this.#fail(error));
    outgoing.on('information', ({ statusCode, rawHeaders }) =>
      this.#guard(() => sink.onInformation(statusCode, rawHeaders)),
    );
    outgoing.on('response', (response) => this.#onResponse(response));
    outgoing.on('upgrade', (response, socket, head) =>
      this.#onSwitched(response, socket as net.Socket, head),
    );
    this.#send(request);
  }

  #send(request: ExchangeRequest): void {
    const outgoing = this.#outgoing;
    const { body } = request;
    if (body === undefined) {
      outgoing.end();
      return;
    }
    outgoing.flushHeaders();
    body.on('end', () =>
      this.#guard(() => {
        outgoing.addTrailers(pairsOf(request.trailers()));
        outgoing.end();
      }),
    );
    body.on('error', (error) => outgoing.destroy(error));
    body.pipe(outgoing, { end: false });
  }

  /** Node's types want a Duplex even where there is none. */
  #connect(connected: (error: Error | null, socket: Duplex) => void): undefined {
    const { request, tools, abort, sink } = this.#parts;
    const { address, others, port, source, tls, connectTimeoutMs: timeoutMs } = request;
    const none = undefined as unknown as Duplex;
    const opening = openAny(
      tools,
      { address, others, port, source, tls, timeoutMs },
      {
        onDial: (dialled) => sink.onDial(dialled),
        onOpened: (leg, { target }) => {
          const socket = leg.toSocket({ allowHalfOpen: true });
          // A head that goes before its body Node writes in no encoding, which would be UTF-8: a byte beyond ASCII became two.
          socket.setDefaultEncoding('latin1');
          abort.listen((reason) => this.#outgoing.destroy(reason));
          connected(null, socket);
          this.#onSent(socket, target.address);
        },
        onFailed: (error) => connected(error, none),
      },
    );
    abort.listen((reason) => opening.stop(reason));
  }

  #onSent(socket: net.Socket, address: string): void {
    const { request, sink } = this.#parts;
    this.#phase = 'sent';
    socket.setTimeout(request.idleTimeoutMs);
    socket.on('timeout', () => {
      // A next hop that is not read cannot be blamed for its silence.
      if (this.#response?.isPaused()) return;
      socket.destroy(new ExchangeError('response_timeout', this.#phase, 'Silent too long'));
    });
    const resume = (): void => {
      this.#response?.resume();
      socket.setTimeout(request.idleTimeoutMs);
    };
    this.#guard(() => sink.onSent({ pause: () => this.#response?.pause(), resume }, address));
  }

  #onResponse(response: http.IncomingMessage): void {
    const { sink } = this.#parts;
    this.#phase = 'answering';
    this.#response = response;
    response.on('error', (error) => this.#fail(error));
    response.on('data', (chunk: Buffer) => this.#guard(() => sink.onChunk(chunk)));
    response.on('end', () => {
      this.#done();
      this.#guard(() => sink.onEnd(response.rawTrailers));
      this.#parts.resolve(undefined);
    });
    const { statusCode, statusMessage, rawHeaders } = response as Answered;
    this.#guard(() => sink.onHead(statusCode, statusMessage, rawHeaders));
  }

  #onSwitched(response: http.IncomingMessage, socket: net.Socket, head: Buffer): void {
    socket.setTimeout(0);
    this.#done();
    const { statusMessage: phrase, rawHeaders: headers } = response as Answered;
    this.#parts.resolve({ phrase, headers, socket, head });
  }

  /** Breaks the exchange off where `act` throws; out of a callback of Node's, it would end the process. */
  #guard(act: () => void): void {
    // Node may have read on in what it had.
    if (this.#hasFailed) return;
    try {
      act();
    } catch (error) {
      this.#fail(ProxyError.from(error));
      this.#outgoing.destroy();
    }
  }

  #done(): void {
    this.#parts.abort.listen(undefined);
  }

  #fail(error: Error): void {
    this.#hasFailed = true;
    this.#done();
    this.#parts.reject(this.#parts.abort.reason ?? this.#classify(error));
  }

  #classify(error: Error): ProxyError {
    if (error instanceof ProxyError) return error;
    const code = String((error as NodeJS.ErrnoException).code);
    if (code.startsWith('HPE_')) return new ExchangeError('response_malformed', this.#phase, error);
    if (this.#phase === 'answering') return new ExchangeError('response_incomplete', this.#phase, error);
    return new ExchangeError(reasonOfSocketError(error), this.#phase, error);
  }
}

/** An answer whose head has been read. */
type Answered = http.IncomingMessage & { readonly statusCode: number; readonly statusMessage: string };

/** The connection serves this one exchange, or becomes something else. */
function fieldsOf({ headers, upgrade, isChunked }: ExchangeRequest): string[] {
  const connection =
    upgrade === undefined ? ['Connection', 'close'] : ['Connection', 'Upgrade', 'Upgrade', upgrade];
  if (isChunked) return [...headers, ...connection, 'Transfer-Encoding', 'chunked'];
  // Node throws at an announcement of trailers that cannot come.
  const kept = pairsOf(headers).filter(([name]) => name.toLowerCase() !== 'trailer');
  return [...kept.flat(), ...connection];
}
