/**
 * Every answer that Weir makes itself, composed and written here and nowhere else: status, reason phrase, Proxy-Status,
 * transaction id and a short body that says what to check. A peer's refusal goes through whole, with our member
 * appended.
 */
import { IncomingMessage } from 'node:http';
import { type ProxyError, REASONS } from '#errors.ts';
import { LimitExceeded } from '#limit/exceeded.ts';
import {
  appendVia,
  endToEnd,
  FieldNames,
  hasField,
  linesOf,
  listOf,
  pairsOf,
  type RawHeaders,
  tokensOf,
} from '#net/headers.ts';
import { METHODS } from '#net/methods.ts';
import { renderProxyStatus } from '#net/proxy-status.ts';
import { ESTABLISHED_LINE, reasonPhrase } from '#net/status-line.ts';
import { PeerRefusal } from '#peer/refusal.ts';
import type { ClientRequest, ClientResponse } from './client-exchange.ts';
import { isLastHop } from './max-forwards.ts';
import type { Phase, Transaction } from './transaction.ts';

export interface Reply {
  readonly status: number;
  readonly phrase: string;
  /** Flat, without framing fields. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** How long a client may take to read an answer after which the connection ends (RFC 9112 section 9.6). */
const LINGER_AFTER_REPLY_MS = 2000;
const RETRY_AFTER_S = 1;
const REPLACED_IN_REFUSAL = new FieldNames(['proxy-status', 'content-length', 'weir-transaction', 'via']);

/** The answer for a transaction that failed; `accept` are the request's header fields. */
export function composeReply(tx: Transaction, error: ProxyError, requestHeaders: RawHeaders = []): Reply {
  if (error instanceof PeerRefusal && error.reason !== 'peer_auth_required') return composeRefusal(tx, error);
  const facts = REASONS[error.reason];
  const phrase = reasonPhrase(tx.context.hop, error);
  const member = renderProxyStatus({
    hop: tx.context.hop,
    error: facts.type,
    details: error.rule === undefined ? error.reason : `${error.reason} rule=${error.rule}`,
  });
  const isJson = tokensOf(requestHeaders, 'accept').some((type) =>
    /^application\/(problem\+)?json/.test(type),
  );
  const headers = ['Content-Type', isJson ? 'application/problem+json' : 'text/plain; charset=utf-8'];
  headers.push('Cache-Control', 'no-store', 'Proxy-Status', member, 'Weir-Transaction', tx.toldId);
  if (facts.status === 407)
    headers.push('Proxy-Authenticate', `Basic realm="${tx.context.hop}", charset="UTF-8"`);
  if (error instanceof LimitExceeded) headers.push(...error.fields);
  else if (facts.status === 503 || facts.status === 429) headers.push('Retry-After', String(RETRY_AFTER_S));
  const text = isJson ? problem(tx, error, phrase) : explanation(tx, error, phrase);
  return { status: facts.status, phrase, headers, body: Buffer.from(text) };
}

/** A peer's own answer, with our Proxy-Status member behind its. */
function composeRefusal(tx: Transaction, refusal: PeerRefusal): Reply {
  const { reply, peer } = refusal;
  const headers = endToEnd(reply.headers, REPLACED_IN_REFUSAL);
  const own = renderProxyStatus({
    hop: tx.context.hop,
    receivedStatus: reply.status,
    nextHop: peer.address.text,
    details: refusal.reason,
  });
  const theirs = listOf(reply.headers, 'proxy-status');
  const { pseudonym } = tx.context;
  headers.push('Via', appendVia(listOf(reply.headers, 'via'), { version: '1.1', pseudonym }));
  headers.push('Proxy-Status', theirs === undefined ? own : `${theirs}, ${own}`, 'Weir-Transaction', tx.id);
  return { status: reply.status, phrase: reply.phrase, headers, body: reply.body };
}

/** What the head that opens a tunnel says of the way. */
interface Established {
  readonly nextHop: string;
  /** Of a peer that is believed. */
  readonly proxyStatus: string | undefined;
}

/** The head that opens a tunnel, with `lines` for hops of ours. */
export function establishedHead(
  tx: Transaction,
  { nextHop, proxyStatus: theirs }: Established,
  lines: string,
): string {
  const own = renderProxyStatus({ hop: tx.context.hop, nextHop });
  const status = theirs === undefined ? own : `${theirs}, ${own}`;
  return `${ESTABLISHED_LINE}\r\nProxy-Status: ${status}\r\nWeir-Transaction: ${tx.id}\r\n${lines}\r\n`;
}

/** The answer to a hop of ours that looks whether we are here. */
export function probedHead({ context: { hop } }: Transaction): string {
  return `${ESTABLISHED_LINE}\r\nProxy-Status: ${renderProxyStatus({ hop })}\r\n\r\n`;
}

/** Writes a whole answer on the bare connection and ends it without a reset that would eat it. */
export function replyOnLeg(tx: Transaction, reply: Reply): void {
  const { leg } = tx.connection;
  tx.status = reply.status;
  // Where it is a peer's it may have one (RFC 9110 section 6.6.1).
  const date = hasField(reply.headers, 'date') ? [] : ['Date', new Date().toUTCString()];
  const length = ['Content-Length', String(reply.body.length)];
  const fields = [...reply.headers, ...date, ...length, 'Connection', 'close'];
  const head = `HTTP/1.1 ${reply.status} ${reply.phrase}\r\n${linesOf(fields)}\r\n`;
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), reply.body]);
  tx.bytesToClient += bytes.length;
  leg.write(bytes);
  leg.end();
  closeSoon(tx);
}

/** Writes a whole answer as the response to a request; resolves when nothing of it is left to write. */
export async function replyOnResponse(
  tx: Transaction,
  response: ClientResponse,
  reply: Reply,
): Promise<void> {
  const { req } = response;
  if (response.headersSent) {
    breakOff(tx);
    return;
  }
  if (isLast(tx, response)) {
    // Node would close at once, and while the client still sends, that is a reset which eats the answer.
    replyOnLeg(tx, req.method === 'HEAD' ? { ...reply, body: Buffer.alloc(0) } : reply);
    if (req instanceof IncomingMessage) req.resume();
    return;
  }
  tx.status = reply.status;
  response.writeHead(reply.status, reply.phrase, [
    ...reply.headers,
    'Content-Length',
    String(reply.body.length),
  ]);
  response.end(reply.body);
  if (!req.complete) dropRest(tx, req as IncomingMessage);
  if (!response.writableFinished) await untilWritten(tx, response);
}

/** A client that reads nothing is cut off. */
const UNREAD: Phase = {
  onDeadline(tx) {
    tx.connection.leg.reset();
  },
};

/**
 * Waits until the connection has taken the whole answer. Before that Node may hold it back, and what the next transaction
 * writes to the socket itself would overtake it.
 */
function untilWritten(tx: Transaction, response: ClientResponse): Promise<void> {
  return new Promise((resolve) => {
    tx.phase = UNREAD;
    tx.deadline.set(tx.generation.config.timeouts.idle);
    response.once('finish', resolve);
    response.once('close', resolve);
  });
}

/** Ends an answer that has begun. Not by a FIN, which ends one of unknown length as if it were whole. */
function breakOff(tx: Transaction): void {
  tx.connection.leg.reset();
  tx.closedBy = tx.reason !== undefined && REASONS[tx.reason].source === 'proxy' ? 'proxy' : 'upstream';
}

/** Whether the connection ends with this answer. A client that waited for 100 may send its body or not: nobody can tell. */
function isLast(tx: Transaction, { req, shouldKeepAlive }: ClientResponse): boolean {
  const isUnreadable =
    tx.reason === 'request_malformed' || tx.reason === 'target_too_long' || req.headers.expect !== undefined;
  const isRefused = tx.connection.refusal !== undefined;
  return isUnreadable || !shouldKeepAlive || isRefused || tx.context.drain.isClosing;
}

/** Reads and drops what the client still sends, until it ends too or {@link LINGER_AFTER_REPLY_MS} have passed. */
export function closeSoon(tx: Transaction): void {
  const { leg } = tx.connection;
  const deadline = tx.context.tools.wheel.deadline({ onDeadline: () => leg.destroy() });
  deadline.set(LINGER_AFTER_REPLY_MS);
  leg.attach({ onChunk: () => true, onEnd: () => {}, onClose: () => deadline.clear() });
  leg.resume();
}

/** Reads and drops the rest of a request that has its answer; the connection ends where that takes too long. */
export function dropRest(tx: Transaction, request: IncomingMessage): void {
  const { socket } = request;
  // One without a body tells of no end.
  if (socket.destroyed || request.readableEnded) return;
  const deadline = tx.context.tools.wheel.deadline({ onDeadline: () => socket.destroy() });
  const done = (): void => {
    deadline.clear();
    socket.off('close', done);
  };
  deadline.set(LINGER_AFTER_REPLY_MS);
  request.once('end', () => {
    done();
    tx.connection.messageEnded();
  });
  socket.once('close', done);
  request.resume();
}

function explanation(tx: Transaction, error: ProxyError, phrase: string): string {
  const advice = error.advice === undefined ? '' : `${error.advice}\n`;
  return `${phrase}\n${advice}${hintOf(tx, error)}.\nReason: ${error.reason}\nTransaction: ${tx.toldId}\n`;
}

/** A client does not see which hop it is that answers, where there are several. */
function hintOf({ context }: Transaction, { reason }: ProxyError): string {
  return REASONS[reason].hint.replace('log of this hop', `log of ${context.hop}`);
}

function problem(tx: Transaction, error: ProxyError, title: string): string {
  const { status } = REASONS[error.reason];
  const rule = error.rule === undefined ? {} : { rule: error.rule };
  const { hop } = tx.context;
  return `${JSON.stringify({ title, status, detail: error.advice ?? hintOf(tx, error), hop, reason: error.reason, ...rule, transaction_id: tx.toldId })}\n`;
}

/** Fields that a TRACE does not show: who reads its answer need not be who sent them (RFC 9110 section 9.3.8). */
const NOT_REFLECTED = new FieldNames(['authorization', 'proxy-authorization', 'cookie', 'weir-identity']);

/**
 * The answer to a TRACE or an OPTIONS that may go no further: the head as it came here, or what this hop takes. Undefined
 * for a request that goes on.
 */
export function composeOwnAnswer(tx: Transaction, request: ClientRequest): Reply | undefined {
  if (!isLastHop(tx.method, request.rawHeaders)) return undefined;
  const isTrace = tx.method === 'TRACE';
  const headers = isTrace ? ['Content-Type', 'message/http'] : ['Allow', METHODS.join(', ')];
  const member = renderProxyStatus({ hop: tx.context.hop });
  headers.push('Cache-Control', 'no-store', 'Proxy-Status', member, 'Weir-Transaction', tx.id);
  return { status: 200, phrase: 'OK', headers, body: isTrace ? reflection(request) : Buffer.alloc(0) };
}

function reflection({ method, url, httpVersion, rawHeaders }: ClientRequest): Buffer {
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (const [name, value] of pairsOf(rawHeaders)) {
    if (!NOT_REFLECTED.has(name)) text += `${name}: ${value}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, 'latin1');
}
