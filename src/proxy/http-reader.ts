/**
 * Node's HTTP on connections that begin with anything but a plain CONNECT: reads their requests, one after the other, into
 * transactions. Owns what Node leaves open or answers by itself: malformed heads, Expect, Upgrade, the end of a client.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ProxyError, type Reason } from '#errors.ts';
import { NOBODY } from '#net/leg.ts';
import { HEAD_LIMITS, MAX_HEAD_BYTES, MAX_TARGET_BYTES } from '#net/limits.ts';
import { type ClientExchange, NodeResponse } from './client-exchange.ts';
import type { Connection } from './connection.ts';
import { handleConnect, handleRequest } from './handle.ts';
import type { Intake } from './intake.ts';
import { closeSoon } from './reply.ts';
import type { Transaction } from './transaction.ts';
import { isUpgradeAllowed, wantedBy } from './upgrade-allowed.ts';

const NO_HEAD = Buffer.alloc(0);
const LONG_TARGET = `A request target of more than ${MAX_TARGET_BYTES} bytes`;
/** With the longest method. */
const LONG = MAX_TARGET_BYTES + 16;

/** What Node tells of a head that it could not read. */
type HeadError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

/** Node's codes for a head it could not read. */
const HEAD_FAULTS: Readonly<Record<string, Reason>> = {
  HPE_HEADER_OVERFLOW: 'request_head_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

export class HttpReader {
  readonly #intake: Intake;
  readonly #onLast: (connection: Connection) => void;
  /** Never listens. */
  readonly #server: http.Server;
  readonly #connections = new WeakMap<Socket, Connection>();

  /** `onLast` is told of a connection that may become a tunnel, which has clocks of its own. */
  constructor(intake: Intake, onLast: (connection: Connection) => void) {
    this.#intake = intake;
    this.#onLast = onLast;
    this.#server = http.createServer({
      ServerResponse: NodeResponse,
      maxHeaderSize: MAX_HEAD_BYTES,
      // Ours are in head-clock.ts: Node's would also cut connections that are silent, not slow.
      headersTimeout: 0,
      requestTimeout: 0,
      requireHostHeader: false,
      // A request without a body has ended when it begins, and costs no stream.
      optimizeEmptyRequests: true,
      shouldUpgradeCallback: (request) => this.#mayUpgrade(request),
    });
    // Node would drop what is beyond, and go on; read-head.ts counts, and refuses.
    this.#server.maxHeadersCount = 0;
    this.#subscribe();
  }

  /** How long a connection may be silent between requests. */
  set keepAliveMs(ms: number) {
    this.#server.keepAliveTimeout = ms;
  }

  /** Reads `connection` from now on, beginning with what has been `read` of it. */
  read(connection: Connection, read: Buffer): void {
    if (beginsWithLongTarget(read)) {
      connection.drop();
      void this.#intake.refuse(connection, new ProxyError('target_too_long', { detail: LONG_TARGET }));
      return;
    }
    const socket = connection.becomeHttp(read);
    this.#connections.set(socket, connection);
    connection.keepAlive();
    // Amid plain HTTP a FIN is a client that left: one that only ends its side cannot be told from one that closes, as tier
    // 1 does for its own client. Node would answer with a FIN, which ends half an answer as if it were whole.
    socket.prependListener('end', () => {
      if (connection.active > 0 && !connection.isToSwitch) connection.leg.reset();
    });
    if (!(socket instanceof TLSSocket)) this.#server.emit('connection', socket);
    // Records that came with this one are still to be told of, and Node's parser would have them before what is put back.
    else setImmediate(() => this.#readOver(socket));
  }

  #readOver(socket: TLSSocket): void {
    if (socket.destroyed) return;
    this.#server.emit('connection', socket);
    socket.resume();
  }

  #subscribe(): void {
    const server = this.#server;
    server.on('request', (request, response) => this.#onRequest(request, response));
    server.on('checkContinue', (request, response) => this.#onRequest(request, response));
    server.on('checkExpectation', (request, response) => this.#onRequest(request, response));
    server.on('connect', (request, socket, head) => this.#onConnect(request, socket as Socket, head));
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket as Socket, head));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
      this.#onClientError(error, socket as Socket),
    );
  }

  #connectionOf(request: IncomingMessage): Connection {
    return this.#connections.get(request.socket) as Connection;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const tx = this.#intake.begin(this.#connectionOf(request), request);
    // A proxy keeps no connection of such a client, whatever it asks (RFC 9112 section 9.3).
    if (request.httpVersion === '1.0') response.shouldKeepAlive = false;
    if (tx !== undefined)
      handle({ tx, request, response, upgrade: undefined, head: NO_HEAD, wholeBody: undefined });
  }

  /** Asked by Node before it hands the connection over: only what a rule allows, the rest is an ordinary request. */
  #mayUpgrade(request: IncomingMessage): boolean {
    const protocol = wantedBy(request);
    const connection = this.#connectionOf(request);
    // Before it can switch, earlier requests want their answers on this connection.
    if (protocol === undefined || connection.active > 0) return false;
    return isUpgradeAllowed(this.#intake.context.generation, connection, { request, protocol });
  }

  #onConnect(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = this.#connectionOf(request);
    const tx = this.#intake.begin(connection, request);
    if (tx === undefined) return;
    this.#onLast(connection);
    if (connection.active > 1) wakeAnswers(connection, socket);
    connection.leg.attach(NOBODY);
    if (head.length > 0) connection.leg.hold(head);
    void handleConnect(tx, request);
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = this.#connectionOf(request);
    const tx = this.#intake.begin(connection, request);
    if (tx === undefined) return;
    this.#onLast(connection);
    const response = new NodeResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    wakeAnswers(connection, socket);
    response.once('finish', () => {
      connection.leg.end();
      closeSoon(tx);
    });
    handle({
      tx,
      request,
      response,
      upgrade: wantedBy(request),
      head,
      wholeBody: undefined,
    });
  }

  /** A head that Node could not read, or a connection that broke. Without a byte read it is nothing at all. */
  #onClientError(error: HeadError, socket: Socket): void {
    const connection = this.#connections.get(socket) as Connection;
    const code = error.code ?? '';
    const isMalformed = code.startsWith('HPE_') || code in HEAD_FAULTS;
    // An end amid a body is a client that left, and no malformed request.
    const isGone = code === 'HPE_INVALID_EOF_STATE' && connection.isReadingBody;
    if (!isMalformed || isGone) {
      const hasHead = connection.hasPartialHead;
      socket.destroy();
      if (hasHead) this.#intake.recordUnanswered(connection, new ProxyError('client_gone', { cause: error }));
      return;
    }
    // More of the same behind the last answer: a reset now would eat it.
    if (connection.isOver) return;
    const fault = headFault(code, error);
    if (!connection.isReadingBody) void this.#intake.refuse(connection, fault);
    else if (connection.youngest === undefined) socket.destroy();
    else connection.youngest.abort.abort(fault);
  }
}

/** Whether nothing but a method and a part of a target has come, and more than a target may hold. */
function beginsWithLongTarget(read: Buffer): boolean {
  return read.length > LONG && /^[A-Z]+ [\x21-\xff]+$/.test(read.toString('latin1', 0, LONG));
}

/**
 * Whether it was the target that made a head too large (RFC 9112 section 3): Node does not tell where it was, but the line that it
 * was in may end in the same packet.
 */
function isTargetTooLong({ rawPacket }: HeadError): boolean {
  if (rawPacket === undefined) return false;
  const end = rawPacket.indexOf('\r\n');
  return end > 0 && / HTTP\/1\.[01]$/.test(rawPacket.toString('latin1', Math.max(0, end - 9), end));
}

function headFault(code: string, cause: HeadError): ProxyError {
  if (code === 'HPE_HEADER_OVERFLOW' && isTargetTooLong(cause))
    return new ProxyError('target_too_long', { detail: LONG_TARGET, cause });
  const reason = HEAD_FAULTS[code] ?? 'request_malformed';
  const limits = reason === 'request_head_too_large' ? `; the limits are ${HEAD_LIMITS}` : '';
  return new ProxyError(reason, { detail: `Cannot read the request: ${code}${limits}`, cause });
}

/** Node has let go of `socket`, while answers are still under way: they must hear that it can take more. */
function wakeAnswers(connection: Connection, socket: Socket): void {
  socket.on('drain', () => connection.answering?.emit('drain'));
}

function handle(exchange: ClientExchange & { readonly response: ServerResponse }): void {
  const { tx, response } = exchange;
  const unwatch = watchClient(tx, response);
  const handling = handleRequest(exchange);
  if (handling === undefined) unwatch();
  else void handling.then(unwatch);
}

/** Stops the transaction when its client leaves. @returns stops watching */
function watchClient(tx: Transaction, response: ServerResponse): () => void {
  const onClose = (): void => {
    // It also closes when it is whole.
    if (!response.writableFinished) tx.abort.abort(new ProxyError('client_gone'));
  };
  response.on('error', ignore);
  response.on('close', onClose);
  return () => {
    response.off('close', onClose);
    response.off('error', ignore);
  };
}

/** A response that breaks off says so by its close. */
function ignore(): void {}
