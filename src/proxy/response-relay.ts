/**
 * Writes a next hop's answer to the client as it comes, with backpressure: fields of the hop removed, Via and, towards our
 * own tiers, Proxy-Status appended, framing chosen anew by Node. An answer that breaks off breaks the client's too.
 */
import type { ServerResponse } from 'node:http';
import { ProxyError } from '#errors.ts';
import type { ExchangeControl, ResponseSink } from '#net/exchange.ts';
import { appendVia, endToEnd, listOf, pairsOf, type RawHeaders } from '#net/headers.ts';
import { lastProxyStatus, renderProxyStatus } from '#net/proxy-status.ts';
import { REFUSALS } from '#peer/refusal.ts';
import { fieldsOf, refuseHead, refuseTrailers } from './answer-head.ts';
import { InterimRelay } from './interim-relay.ts';
import type { Hop } from './next-hops.ts';
import type { Transaction } from './transaction.ts';

const NOTHING: ReadonlySet<string> = new Set();

export interface RelayParts {
  readonly tx: Transaction;
  readonly response: ServerResponse;
  readonly hop: Hop;
  /** Protocol that was asked for; undefined: none. */
  readonly upgrade: string | undefined;
  /** Told when the request is on its way. */
  readonly onSent: () => void;
}

export class ResponseRelay implements ResponseSink {
  readonly #tx: Transaction;
  readonly #response: ServerResponse;
  readonly #hop: Hop;
  readonly #upgrade: string | undefined;
  readonly #interim: InterimRelay;
  readonly #onSent: () => void;
  readonly #sentMs = performance.now();
  #control: ExchangeControl | undefined = undefined;
  #isBodyBegun = false;

  constructor({ tx, response, hop, upgrade, onSent }: RelayParts) {
    this.#tx = tx;
    this.#response = response;
    this.#hop = hop;
    this.#upgrade = upgrade;
    this.#interim = new InterimRelay(response);
    this.#onSent = onSent;
    response.on('drain', this.#onDrain);
  }

  /** The exchange is over, whichever way. */
  release(): void {
    this.#response.off('drain', this.#onDrain);
  }

  /** Resolves when the client has been given everything. */
  finished(): Promise<void> {
    const response = this.#response;
    if (response.writableFinished) return Promise.resolve();
    return new Promise((resolve, reject) => {
      response.once('finish', () => resolve());
      this.#tx.abort.listen(reject);
    });
  }

  onSent(control: ExchangeControl): void {
    this.#control = control;
    this.#tx.connectMs = performance.now() - this.#sentMs;
    // The time to establish is over; from here on the idle clocks of the exchange count.
    this.#tx.deadline.clear();
    this.#onSent();
  }

  onInformation(status: number, headers: RawHeaders): void {
    this.#passOn(() => {
      refuseHead({ status, headers }, this.#upgrade);
      this.#interim.pass(status, headers);
    });
  }

  onHead(status: number, phrase: string, headers: RawHeaders): void {
    const tx = this.#tx;
    tx.firstByteMs = tx.elapsedMs();
    this.#passOn(() => {
      refuseHead({ status, headers }, this.#upgrade);
      this.#refuseChallenge(status);
      this.#writeHead(status, phrase, headers);
    });
  }

  #writeHead(status: number, phrase: string, headers: RawHeaders): void {
    const tx = this.#tx;
    const via = appendVia(listOf(headers, 'via'), { version: '1.1', pseudonym: tx.context.pseudonym });
    const fields = fieldsOf({ status, headers }, this.#response.req);
    fields.push('Via', via, ...this.#noteStatus(status, headers));
    if (tx.context.drain.isClosing) fields.push('Connection', 'close');
    this.#response.writeHead(status, phrase, fields);
    tx.status = status;
    process.nextTick(this.#flushHead);
  }

  /** Node holds a head back for the body's first byte. That comes with it, or may take for ever. */
  readonly #flushHead = (): void => {
    if (!this.#isBodyBegun && !this.#response.destroyed) this.#response.flushHeaders();
  };

  onChunk(chunk: Buffer): void {
    if (this.#tx.abort.reason !== undefined) return;
    this.#isBodyBegun = true;
    if (!this.#response.write(chunk)) this.#control?.pause();
  }

  onEnd(trailers: RawHeaders): void {
    this.#isBodyBegun = true;
    this.#passOn(() => {
      refuseTrailers(trailers);
      if (trailers.length > 0) this.#response.addTrailers(pairsOf(endToEnd(trailers, NOTHING)));
      this.#response.end();
    });
  }

  readonly #onDrain = (): void => this.#control?.resume();

  /** What Node will not write is the next hop's fault, and ends the exchange. Of one that has ended, more may come. */
  #passOn(write: () => void): void {
    if (this.#tx.abort.reason !== undefined) return;
    try {
      write();
    } catch (cause) {
      this.#tx.abort.abort(cause instanceof ProxyError ? cause : unwritable(cause));
    }
  }

  /** @throws {ProxyError} `peer_auth_required`: our credentials are no business of the client's */
  #refuseChallenge(status: number): void {
    const { peer } = this.#hop;
    if (peer !== undefined && status === 407)
      throw new ProxyError('peer_auth_required', { detail: `Peer "${peer.name}" answered 407` });
  }

  /** Notes what a trusted peer says of its answer, and adds what we say of it. */
  #noteStatus(status: number, headers: RawHeaders): string[] {
    const tx = this.#tx;
    const { peer } = this.#hop;
    const theirs = peer?.options.hop ? lastProxyStatus(headers) : undefined;
    if (theirs?.error !== undefined) {
      const reason = REFUSALS.has(theirs.error) ? 'peer_refused' : 'peer_failed';
      tx.fail(
        new ProxyError(reason, {
          detail: `Peer "${peer?.name}" answered ${status}: ${theirs.details ?? ''}`,
        }),
      );
      tx.error = theirs.error;
    }
    if (!tx.isFromHop && theirs === undefined) return [];
    const nextHop = peer?.options.address.text;
    const own = renderProxyStatus({ hop: tx.context.hop, nextHop, receivedStatus: status });
    return ['Proxy-Status', own, 'Weir-Transaction', tx.id];
  }
}

function unwritable(cause: unknown): ProxyError {
  const detail = `Cannot pass the answer on: ${(cause as Error).message}`;
  return new ProxyError('response_malformed', { detail, cause });
}
