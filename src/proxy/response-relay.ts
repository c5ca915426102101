/**
 * Writes a next hop's answer to the client as it comes, with backpressure: fields of the hop removed, Via and, towards our
 * own tiers, Proxy-Status appended, framing chosen anew by whoever writes it. An answer that breaks off breaks the client's too.
 */
import { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { ProxyError } from '#errors.ts';
import type { ExchangeControl, ResponseSink } from '#net/exchange.ts';
import { appendVia, listOf, pairsOf, type RawHeaders } from '#net/headers.ts';
import { renderProxyStatus } from '#net/proxy-status.ts';
import { type AnswerHead, fieldsOf, refuseHead, trailersOf } from './answer-head.ts';
import type { ClientExchange, ClientResponse } from './client-exchange.ts';
import { InterimRelay } from './interim-relay.ts';
import { type Judgement, judgeAnswer, withhold } from './judge-answer.ts';
import type { Hop } from './next-hops.ts';
import type { Transaction } from './transaction.ts';

/** Of a body, as much as Node writes as text without allocating for it, with room for a head. */
const MAX_JOINED_BYTES = 8 * 1024;

const NONE: RawHeaders = [];

export interface RelayParts {
  readonly tx: Transaction;
  readonly response: ClientResponse;
  readonly hop: Hop;
  /** Protocol that was asked for; undefined: none. */
  readonly upgrade: string | undefined;
  /** Whether another next hop can have the request, where this one tells of a fault of its own. */
  readonly mayAskNext: boolean;
  /** Told when the request is on its way. */
  readonly onSent: () => void;
  readonly onAnswer: ClientExchange['onAnswer'];
}

export class ResponseRelay implements ResponseSink {
  readonly #parts: RelayParts;
  readonly #interim: InterimRelay;
  readonly #sentMs = performance.now();
  #control: ExchangeControl | undefined = undefined;
  /** Fields of the head of the final answer. */
  #headers: RawHeaders = NONE;
  /** Whether a connection was opened for it. */
  #isDialled = false;
  #isBodyBegun = false;
  /** Until the client has taken what is written. */
  #isPaused = false;
  /** Until its limit has bandwidth again. */
  #isHeld = false;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#interim = new InterimRelay(parts.tx, parts.response);
  }

  /** The exchange is over, whichever way. */
  release(): void {
    if (this.#isPaused) this.#parts.response.off('drain', this.#onDrain);
  }

  /** Resolves when the client has been given everything. */
  finished(): Promise<void> {
    const { tx, response } = this.#parts;
    if (response.writableFinished) return Promise.resolve();
    return new Promise((resolve, reject) => {
      response.once('finish', () => resolve());
      tx.abort.listen(reject);
    });
  }

  onDial(address: string): void {
    this.#isDialled = true;
    this.#parts.tx.upstreamIp = address;
  }

  onSent(control: ExchangeControl, address: string): void {
    const { tx, hop, onSent } = this.#parts;
    this.#control = control;
    tx.upstreamIp = address;
    // A kept connection has won nothing, and would be remembered for as long as it is kept.
    if (this.#isDialled && address !== hop.address) tx.context.winners.remember(tx.host.text, address);
    tx.connectMs = performance.now() - this.#sentMs;
    // The time to establish is over; from here on the idle clocks of the exchange count.
    tx.deadline.clear();
    tx.phase = undefined;
    onSent();
  }

  onInformation(status: number, headers: RawHeaders): void {
    const { hop, upgrade } = this.#parts;
    this.#passOn(() => {
      refuseHead({ status, headers }, hop.peer !== undefined, upgrade);
      this.#interim.pass(status, headers);
    });
  }

  onHead(status: number, phrase: string, headers: RawHeaders): void {
    const { tx, hop, upgrade, mayAskNext } = this.#parts;
    tx.firstByteMs = tx.elapsedMs();
    this.#passOn(() => {
      const head = { status, headers };
      refuseHead(head, hop.peer !== undefined, upgrade);
      const judgement = judgeAnswer(hop, head);
      withhold(judgement, status, mayAskNext);
      this.#headers = headers;
      this.#writeHead(head, phrase, judgement);
    });
  }

  #writeHead(head: AnswerHead, phrase: string, judgement: Judgement): void {
    const { tx, response, onAnswer } = this.#parts;
    const via = appendVia(listOf(head.headers, 'via'), { version: '1.1', pseudonym: tx.context.pseudonym });
    const fields = fieldsOf(head, response.req);
    fields.push('Via', via, ...this.#noteStatus(head.status, judgement));
    if (onAnswer !== undefined) fields.push(...onAnswer(head.status, head.headers));
    if (tx.context.drain.isClosing) fields.push('Connection', 'close');
    response.writeHead(head.status, phrase, fields);
    tx.status = head.status;
    process.nextTick(flushHead, this);
  }

  /** Node holds a head back for the body's first byte. That comes with it, or may take for ever. */
  flushHead(): void {
    if (!this.#isBodyBegun && !this.#parts.response.destroyed) this.#parts.response.flushHeaders();
  }

  onChunk(chunk: Buffer): void {
    const { tx, response } = this.#parts;
    if (tx.abort.reason !== undefined) return;
    const isFirst = !this.#isBodyBegun;
    this.#isBodyBegun = true;
    const isTaken =
      response instanceof ServerResponse ? writeToNode(response, chunk, isFirst) : response.write(chunk);
    if (!isTaken && !this.#isPaused) this.#pause();
    if (tx.claim?.isMetered && !tx.claim.count(chunk.length, this)) this.#hold();
  }

  #hold(): void {
    this.#isHeld = true;
    this.#control?.pause();
  }

  #pause(): void {
    this.#isPaused = true;
    this.#control?.pause();
    this.#parts.response.once('drain', this.#onDrain);
  }

  onEnd(trailers: RawHeaders): void {
    this.#isBodyBegun = true;
    this.#passOn(() => {
      if (trailers.length > 0) this.#parts.response.addTrailers(pairsOf(trailersOf(trailers, this.#headers)));
      this.#parts.response.end();
    });
  }

  readonly #onDrain = (): void => {
    this.#isPaused = false;
    if (!this.#isHeld) this.#control?.resume();
  };

  /** Its limit has bandwidth again. */
  onPaid(): void {
    this.#isHeld = false;
    if (!this.#isPaused) this.#control?.resume();
  }

  /** What cannot be written is the next hop's fault, and breaks the exchange off. Of one that has ended, more may come. */
  #passOn(write: () => void): void {
    if (this.#parts.tx.abort.reason !== undefined) return;
    try {
      write();
    } catch (cause) {
      throw cause instanceof ProxyError ? cause : unwritable(cause);
    }
  }

  /** Notes the fault that a peer tells of, and adds what we say of its answer. */
  #noteStatus(status: number, { word, fault }: Judgement): string[] {
    const { tx, hop } = this.#parts;
    if (fault !== undefined) {
      tx.fail(fault);
      tx.error = word?.error ?? tx.error;
    }
    if (!tx.isFromHop && word === undefined) return [];
    const nextHop = hop.peer?.options.address.text;
    const own = renderProxyStatus({ hop: tx.context.hop, nextHop, receivedStatus: status });
    return ['Proxy-Status', own, 'Weir-Transaction', tx.id];
  }
}

function flushHead(relay: ResponseRelay): void {
  relay.flushHead();
}

/** Node keeps what it cannot write at once, and the chunk is lent to us. */
function writeToNode(response: ServerResponse, chunk: Buffer, isFirst: boolean): boolean {
  const mayJoin = isFirst && !response.chunkedEncoding && chunk.length <= MAX_JOINED_BYTES;
  return mayJoin ? writeWithHead(response, chunk) : response.write(Buffer.from(chunk));
}

/**
 * Head and body in one write, where Node makes a vector of three of them. It joins only text to a head, and as latin1 every
 * byte is a character; without the cork, it has nothing left to write at the end.
 */
function writeWithHead(response: ServerResponse, chunk: Buffer): boolean {
  const isTaken = response.write(chunk.toString('latin1'), 'latin1');
  response.socket?.uncork();
  return isTaken;
}

function unwritable(cause: unknown): ProxyError {
  const detail = `Cannot pass the answer on: ${(cause as Error).message}`;
  return new ProxyError('response_malformed', { detail, cause });
}
