/** A client's request, and where its answer goes: what the steps of plain HTTP hand each other. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import { hasContent, type RawHeaders, tokensOf } from '#net/headers.ts';
import type { RequestHead } from './read-head.ts';
import type { Transaction } from './transaction.ts';

/** Of a client's request, what the steps need; Node's is one. */
export interface ClientRequest extends RequestHead {
  /** Whether it has been read to its end. */
  readonly complete: boolean;
  readonly headers: { readonly expect?: string | undefined; readonly trailer?: string | undefined };
  readonly rawTrailers: string[];
  readonly readableLength: number;
  readonly readableFlowing: boolean | null;
}

/** Of the answer to it, what the steps need; Node's is one. */
export interface ClientResponse {
  readonly req: ClientRequest;
  readonly headersSent: boolean;
  readonly shouldKeepAlive: boolean;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  readonly writableNeedDrain: boolean;
  readonly destroyed: boolean;
  writeContinue(): void;
  writeInformation(status: number, fields: string[]): void;
  writeHead(status: number, phrase: string, fields: string[]): unknown;
  flushHeaders(): void;
  write(chunk: Buffer): boolean;
  addTrailers(fields: readonly [string, string][]): void;
  end(chunk?: Buffer): unknown;
  once(event: 'drain' | 'finish' | 'close', listener: () => void): unknown;
  off(event: 'drain', listener: () => void): unknown;
  emit(event: 'drain'): boolean;
}

/** Node's, but for a head that goes before its body: Node writes that as UTF-8, where a byte beyond ASCII becomes two. */
export class NodeResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
  /** As Latin-1, as it came. That of an answer without a body goes with its end. */
  override flushHeaders(): void {
    this.write('', 'latin1');
  }
}

export interface ClientExchange {
  readonly tx: Transaction;
  readonly request: ClientRequest;
  readonly response: ClientResponse;
  /** Protocol to switch to, which some rule allows; undefined: none. */
  readonly upgrade: string | undefined;
  /** What the client sent behind the head of a request to switch. */
  readonly head: Buffer;
  /** The body, where it had come as a whole before a next hop was asked; kept, since another may be asked after that. */
  wholeBody: Buffer | undefined;
  /** Told of the final answer of a next hop; gives the fields that are added to it. */
  readonly onAnswer?: ((status: number, headers: RawHeaders) => RawHeaders) | undefined;
}

/** Whether the request is framed to have content (RFC 9112 section 6.3). */
export function hasBody(request: ClientRequest): boolean {
  return hasContent(request.rawHeaders);
}

/** Whether its length is not known beforehand. */
export function isChunked(request: ClientRequest): boolean {
  return tokensOf(request.rawHeaders, 'transfer-encoding').length > 0;
}
