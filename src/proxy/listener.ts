/**
 * One listening address: an `http.Server` whose connections become transactions. Owns what Node leaves open or answers by
 * itself: the clocks of heads and silence, malformed heads, Expect, Upgrade, and a connection that closes without a byte,
 * which is no transaction at all (DESIGN §10 e, k).
 */
import http, { type IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Timeouts } from '#config/config.ts';
import { ProxyError, type Reason } from '#errors.ts';
import { KEEP_ALIVE_MS, MAX_HEAD_BYTES } from '#net/limits.ts';
import { type Connection, MAX_PIPELINED, openConnection } from './connection.ts';
import type { ProxyContext } from './context.ts';
import { handleConnect, handleRequest } from './handle.ts';
import { HeadClock } from './head-clock.ts';
import { closeSoon, composeReply, replyOnSocket } from './reply.ts';
import { Transaction } from './transaction.ts';
import { isUpgradeAllowed, upgradeWanted } from './upgrade-wanted.ts';

export interface ListenOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const NO_HEAD = Buffer.alloc(0);

/** Node's codes for a head it could not read. */
const HEAD_FAULTS: Readonly<Record<string, Reason>> = {
  HPE_HEADER_OVERFLOW: 'request_head_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

export class Listener {
  /** The name may change; connections keep the one they were accepted under. */
  options: ListenOptions;
  readonly #context: ProxyContext;
  readonly #server: http.Server;
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #clock: HeadClock;
  /** What comes now would be recorded nowhere. */
  #hasEnded = false;

  constructor(context: ProxyContext, options: ListenOptions) {
    this.#context = context;
    this.options = options;
    this.#clock = new HeadClock(context, (connection, reason) =>
      this.#refuse(connection, new ProxyError(reason)),
    );
    this.#server = http.createServer({
      maxHeaderSize: MAX_HEAD_BYTES,
      // Ours are in head-clock.ts: Node's would also cut connections that are silent, not slow.
      headersTimeout: 0,
      requestTimeout: 0,
      requireHostHeader: false,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      shouldUpgradeCallback: (request) => this.#mayUpgrade(request),
    });
    // Node would drop what is beyond, and go on; read-head.ts counts, and refuses.
    this.#server.maxHeadersCount = 0;
    this.configure(context.generation.config.timeouts);
    this.#subscribe();
  }

  /** Where it listens; the port is the real one where 0 was asked for. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** @throws {NodeJS.ErrnoException} where the address cannot be bound */
  listen(): Promise<void> {
    const { host, port } = this.options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: 4096 }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (err) => this.#context.log.error({ err }, 'Listener failed'));
        resolve();
      });
    });
  }

  /** Takes over what can change while it listens. */
  configure({ keepAlive }: Timeouts): void {
    this.#server.keepAliveTimeout = keepAlive;
  }

  /**
   * Takes no more connections; those without a transaction end now, the others when theirs is done.
   * `onClosed` is told when none is left.
   */
  close(onClosed?: () => void): void {
    this.#server.close(onClosed);
    this.#clock.close();
  }

  /** Ends every connection, when no transaction is waited for any more; resolves when their records are written. */
  async end(): Promise<void> {
    await this.#clock.end();
    this.#hasEnded = true;
  }

  #subscribe(): void {
    const server = this.#server;
    server.on('connection', (socket) => this.#onConnection(socket));
    server.on('request', (request, response) => this.#onRequest(request, response));
    server.on('checkContinue', (request, response) => this.#onRequest(request, response));
    server.on('checkExpectation', (request, response) => this.#onRequest(request, response));
    server.on('connect', (request, socket, head) => this.#onConnect(request, socket as Socket, head));
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket as Socket, head));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
      this.#onClientError(error, socket as Socket),
    );
  }

  #onConnection(socket: Socket): void {
    const connection = openConnection(this.options.name, socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, connection);
    this.#context.tools.ledger.track('client', socket);
    this.#clock.watch(connection);
    // Node takes its listener away when it hands a connection over, and an error that nobody hears ends the process.
    socket.on('error', () => {});
    // Amid plain HTTP a FIN is a client that left: one that only ends its side cannot be told from one that closes, as tier
    // 1 does for its own client. Node would answer with a FIN, which ends half an answer as if it were whole.
    socket.prependListener('end', () => {
      if (connection.active > 0 && !connection.isToSwitch) socket.resetAndDestroy();
    });
  }

  /** Undefined for what comes behind the last answer (RFC 9112 section 9.6): it is dropped, and the connection ends. */
  #begin(request: IncomingMessage): Transaction | undefined {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined || connection.isOver) return undefined;
    if (this.#hasEnded) {
      request.socket.destroy();
      return undefined;
    }
    if (connection.active >= MAX_PIPELINED) {
      this.#cutOff(connection);
      return undefined;
    }
    connection.requestBegan(request);
    return new Transaction(this.#context, connection);
  }

  /** Ends a connection that asks for more than it may; Node would go on to read and to keep what it sends. */
  #cutOff(connection: Connection): void {
    connection.abortAll(new ProxyError('pipelining_exceeded'));
    connection.socket.resetAndDestroy();
    this.#recordUnanswered(connection, new ProxyError('pipelining_exceeded'));
  }

  /** One record for a request that came to nothing. */
  #recordUnanswered(connection: Connection, error: ProxyError): void {
    const tx = new Transaction(this.#context, connection);
    tx.fail(error);
    tx.leaveUnanswered();
    tx.bytesFromClient = connection.takeBytes().fromClient;
    tx.finish();
  }

  /** Begins what can only be the last transaction of its connection, which has clocks of its own. */
  #beginLast(request: IncomingMessage): Transaction | undefined {
    const tx = this.#begin(request);
    if (tx === undefined) return undefined;
    tx.connection.isToSwitch = true;
    this.#clock.unwatch(tx.connection);
    return tx;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const tx = this.#begin(request);
    if (tx !== undefined) void handleRequest({ tx, request, response, upgrade: undefined, head: NO_HEAD });
  }

  /** Asked by Node before it hands the connection over: only what a rule allows, the rest is an ordinary request. */
  #mayUpgrade(request: IncomingMessage): boolean {
    const protocol = upgradeWanted(request);
    const connection = this.#connections.get(request.socket);
    // Before it can switch, earlier requests want their answers on this connection.
    if (protocol === undefined || connection === undefined || connection.active > 0) return false;
    return isUpgradeAllowed(this.#context.generation.policy, connection, { request, protocol });
  }

  #onConnect(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const tx = this.#beginLast(request);
    if (tx === undefined) return;
    // Node has let go of the socket, while earlier answers may still be under way: they must hear that it can take more.
    if (tx.connection.active > 1) socket.on('drain', () => tx.connection.answering?.emit('drain'));
    void handleConnect(tx, request, head);
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const tx = this.#beginLast(request);
    if (tx === undefined) return;
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    // Node has let go of the socket: what it does for other answers is done here.
    socket.on('drain', () => response.emit('drain'));
    response.once('finish', () => {
      socket.end();
      closeSoon(tx, socket);
    });
    void handleRequest({ tx, request, response, upgrade: upgradeWanted(request), head });
  }

  /** A head that Node could not read, or a connection that broke. Without a byte read it is nothing at all. */
  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.#connections.get(socket);
    const code = error.code ?? '';
    const isMalformed = code.startsWith('HPE_') || code in HEAD_FAULTS;
    // An end amid a body is a client that left, and no malformed request.
    const isGone = code === 'HPE_INVALID_EOF_STATE' && connection?.isReadingBody === true;
    if (connection === undefined || !isMalformed || isGone) {
      const hasHead = connection?.hasPartialHead === true;
      socket.destroy();
      if (hasHead) this.#recordUnanswered(connection, new ProxyError('client_gone', { cause: error }));
      return;
    }
    // More of the same behind the last answer: a reset now would eat it.
    if (connection.isOver) return;
    const reason = HEAD_FAULTS[code] ?? 'request_malformed';
    const fault = new ProxyError(reason, { detail: `Cannot read the request: ${code}`, cause: error });
    if (!connection.isReadingBody) void this.#refuse(connection, fault);
    else if (connection.youngest === undefined) socket.destroy();
    else connection.youngest.abort.abort(fault);
  }

  /** A request that never came to be still gets an answer, in its turn, and a record. */
  async #refuse(connection: Connection, error: ProxyError): Promise<void> {
    const tx = new Transaction(this.#context, connection);
    await connection.turnOf(tx);
    tx.bytesFromClient = connection.takeBytes().fromClient;
    if (connection.isOver) {
      tx.fail(new ProxyError('client_gone', { cause: error }));
      tx.closedBy = 'client';
    } else {
      tx.fail(error);
      replyOnSocket(tx, connection.socket, composeReply(tx, error));
    }
    tx.finish();
  }
}
