/**
 * One connection to a next hop, kept between exchanges: an undici client with a socket of our own. Where the kept socket turns
 * out to be closed before a request is written, undici opens another for it.
 *
 *   opening --connect--> in use --answer is whole--> idle --exchange--> in use
 *   any --closed, while no exchange waits for it--> over
 */
import type net from 'node:net';
import type { Readable } from 'node:stream';
import { Client, type Dispatcher } from 'undici';
import type { ProxyError } from '#errors.ts';
import { hostPort } from './authority.ts';
import { signsConnectionIn } from './connection-auth.ts';
import type { ExchangeParts, ExchangeRequest, ResponseSink } from './exchange.ts';
import type { Closable } from './idle-sockets.ts';
import type { Keepable, Keeper, NextHop } from './kept-connections.ts';
import { IDLE_MS, KEEP_ALIVE_MS, MAX_ANSWER_HEAD_BYTES } from './limits.ts';
import type { DialTools } from './opening.ts';
import { type Dial, openAny } from './race.ts';
import { type Carrier, UndiciExchange } from './undici-exchange.ts';

/** undici's callback, which its types split into two. */
type Connected = (error: Error | null, socket: net.Socket | null) => void;

export class UndiciConnection implements Carrier, Keepable {
  /** Until it is open, one of those that it may come to lead to. */
  address: string;
  readonly port: number;
  readonly source: string | undefined;
  readonly tls: NextHop['tls'];
  readonly #tools: DialTools;
  readonly #keeper: Keeper<UndiciConnection>;
  readonly #client: Client;
  #opening: Dial | undefined = undefined;
  #socket: net.Socket | undefined = undefined;
  /** What it is used for now. */
  #request: ExchangeRequest | undefined = undefined;
  /** Who is told of it; a connection that is kept must not hold on to a transaction that is over. */
  #sink: ResponseSink | undefined = undefined;
  /** It is for nobody else, as the next hop knows somebody by it. */
  #isPersonal = false;
  isReused = false;
  previous: Closable | undefined = undefined;
  next: Closable | undefined = undefined;

  constructor(tools: DialTools, { address, port, source, tls }: NextHop, keeper: Keeper<UndiciConnection>) {
    this.#tools = tools;
    this.address = address;
    this.port = port;
    this.source = source;
    this.tls = tls;
    this.#keeper = keeper;
    this.#client = new Client(`http://${hostPort(address, port)}`, {
      connect: (_options: unknown, connected: unknown) => this.#connect(connected as Connected),
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      maxHeaderSize: MAX_ANSWER_HEAD_BYTES,
      allowH2: false,
    });
    // A turn of the event loop after an exchange, so that a next hop that closes is not asked again.
    this.#client.on('drain', () => this.#onFree());
    this.#client.on('disconnect', () => this.#onClosed());
  }

  get isOpen(): boolean {
    return this.#socket?.destroyed === false;
  }

  get hasEnded(): boolean {
    return this.#socket?.readableEnded === true;
  }

  /** Carries out one exchange; not to be called while there is another. */
  exchange(request: ExchangeRequest, parts: ExchangeParts): void {
    this.#request = request;
    this.#sink = parts.sink;
    if (signsConnectionIn(request.headers)) this.#isPersonal = true;
    const options: Dispatcher.DispatchOptions = {
      path: request.target,
      method: request.method as Dispatcher.HttpMethod,
      headers: request.headers,
      body: request.body as Readable,
      headersTimeout: request.idleTimeoutMs,
      bodyTimeout: request.idleTimeoutMs,
    };
    this.#client.dispatch(options, new UndiciExchange(parts, this));
  }

  stopOpening(reason: ProxyError): void {
    this.#opening?.stop(reason);
  }

  begun(): void {
    this.isReused = true;
  }

  becomePersonal(): void {
    this.#isPersonal = true;
  }

  /** A socket that was used says itself what becomes of it, once undici has kept or closed it. */
  done(): void {
    this.#request = undefined;
    this.#sink = undefined;
    if (this.#socket === undefined && this.#opening === undefined) this.#keeper.over(this);
  }

  /** Breaks it off. */
  async destroy(): Promise<void> {
    const destroyed = this.#client.destroy();
    this.#opening?.stop(new Error('Destroyed'));
    await destroyed;
  }

  #connect(connected: Connected): void {
    const request = this.#request as ExchangeRequest;
    const { address, others, port, source, tls, connectTimeoutMs: timeoutMs } = request;
    this.#opening = openAny(
      this.#tools,
      { address, others, port, source, tls, timeoutMs },
      {
        onDial: (dialled) => this.#sink?.onDial(dialled),
        onOpened: (leg, { target }) => {
          this.#opening = undefined;
          this.address = target.address;
          const socket = leg.toSocket();
          // It may be kept, or be silent amid an exchange, for longer than firewalls remember it.
          socket.setKeepAlive(true, KEEP_ALIVE_MS);
          this.#socket = socket;
          this.isReused = false;
          socket.on('error', maskReset);
          connected(null, socket);
        },
        onFailed: (error) => {
          this.#opening = undefined;
          connected(error, null);
        },
      },
    );
  }

  #onFree(): void {
    const socket = this.#socket;
    if (this.#request !== undefined || socket === undefined || socket.destroyed) return;
    if (this.#isPersonal) void this.destroy();
    else this.#keeper.idle(this);
  }

  /** With a request that waits, undici connects anew. */
  #onClosed(): void {
    this.#socket = undefined;
    if (this.#request === undefined) this.#keeper.over(this);
  }
}

/** undici takes a reset for the end of a body that runs until the connection closes; under another code it is a fault. */
function maskReset(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'EPIPE';
}
