/**
 * What one HTTP exchange with a next hop looks like to the data path, whichever client carries it out: our own for nearly
 * all and undici for bodies that are yet to come (`pool.ts`), `node:http` for what these cannot do (`http-exchange.ts`).
 */
import type { Readable } from 'node:stream';
import { ProxyError, type Reason } from '#errors.ts';
import type { Abort } from './abort.ts';
import type { RawHeaders } from './headers.ts';
import type { Place } from './leg.ts';
import type { Racers } from './race.ts';
import type { TlsClient } from './tls-client.ts';
import { type TlsFault, tlsFaultText, tlsReasonOf } from './tls-fault.ts';

/** Goes to any of its addresses: to one that a kept connection leads to, else to the first that connects. */
export interface ExchangeRequest extends Place, Racers {
  /** Undefined: without TLS. */
  readonly tls: TlsClient | undefined;
  readonly method: string;
  /** Request target as it goes on the wire: origin-form to origins, absolute-form to peers. */
  readonly target: string;
  /** Complete but for Connection, Upgrade and Transfer-Encoding, which the carrier writes. */
  readonly headers: string[];
  readonly body: Readable | undefined;
  /** The body where it is here as a whole, instead of {@link body}. Our own client only. */
  readonly wholeBody: Buffer | undefined;
  /** Whether the body's length is not known beforehand. */
  readonly isChunked: boolean;
  /** Protocol to ask for; undefined: none. `node:http` only. */
  readonly upgrade: string | undefined;
  /** Whether it may not be put on a connection that was used before. */
  readonly isFresh: boolean;
  /** Trailer fields, known once the body has ended. */
  readonly trailers: () => RawHeaders;
  readonly connectTimeoutMs: number;
  /** Longest silence of the next hop, before and within its answer. */
  readonly idleTimeoutMs: number;
}

/** Steers the answer while it comes; once it has come whole, or the exchange has failed, it does nothing. */
export interface ExchangeControl {
  /** What has been read already may still come, and with it the end. */
  pause(): void;
  resume(): void;
}

/** Takes the answer, in this order. What one of these throws breaks the exchange off. */
export interface ResponseSink {
  /** An address is dialled for it, which may be one of several. */
  onDial(address: string): void;
  /** The next hop, at this address, is connected and the request is on its way; from here on it may have been seen. */
  onSent(control: ExchangeControl, address: string): void;
  onInformation(status: number, headers: RawHeaders): void;
  onHead(status: number, phrase: string, headers: RawHeaders): void;
  /** `chunk` is valid only during the call, whoever carries the exchange out: what is kept of it has to be copied. */
  onChunk(chunk: Buffer): void;
  onEnd(trailers: RawHeaders): void;
}

/** What an exchange over a kept connection is given: who takes the answer, who may break it off, and who hears how it ended. */
export interface ExchangeParts {
  readonly sink: ResponseSink;
  readonly abort: Abort;
  readonly resolve: () => void;
  readonly reject: (error: ProxyError) => void;
}

/**
 * How far an exchange had come when it failed. `stale`: it was sent on a kept connection, which then closed before a byte of an
 * answer, as if it had been dead before.
 */
export type Phase = 'connecting' | 'stale' | 'sent' | 'answering';

/** An exchange failed; `phase` tells what is safe to do next. */
export class ExchangeError extends ProxyError {
  readonly phase: Phase;

  constructor(reason: Reason, phase: Phase, cause: unknown) {
    super(reason, { detail: `Cannot complete the exchange (${phase}): ${textOf(cause)}`, cause });
    this.phase = phase;
  }
}

function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const fault = cause as TlsFault;
  return tlsReasonOf(fault.code ?? '') === undefined ? cause.message : tlsFaultText(fault);
}
