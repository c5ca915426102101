/**
 * Reads a peer's answer to our CONNECT, strictly and within bounds. A 2xx of any kind opens the tunnel and has no body,
 * whatever its framing fields say (RFC 9110 section 9.3.6); bytes after it belong to the tunnel. Any other final answer
 * is read whole, so that it can reach the client as it is.
 */
import { ProxyError } from '#errors.ts';
import type { Abort } from '#net/abort.ts';
import { reasonOfBreak } from '#net/dial-fault.ts';
import { FieldSection, MalformedAnswer } from '#net/field-section.ts';
import { listOf, type RawHeaders } from '#net/headers.ts';
import { type Leg, NOBODY, type Sink } from '#net/leg.ts';
import { hasTooManyFields, MAX_HEAD_BYTES } from '#net/limits.ts';
import { tlsFaultText } from '#net/tls-fault.ts';
import { BodyReader } from './reply-body.ts';

export interface ConnectReply {
  readonly status: number;
  readonly phrase: string;
  readonly headers: RawHeaders;
  /** Empty for a 2xx. Cut at {@link MAX_BODY_BYTES}. */
  readonly body: Buffer;
}

const NO_BODY = Buffer.alloc(0);
const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

/** Told of the outcome, one of the two and once; what it throws nobody catches. */
export interface ReplyObserver {
  onReply(reply: ConnectReply): void;
  /** `peer_protocol_error`, `peer_terminated`, or the reason of the abort. */
  onFault(error: ProxyError): void;
}

/**
 * Reads one final answer; afterwards the leg is in nobody's charge and holds what came after it. Whoever takes charge of leg and abort
 * before that is told nothing more.
 */
export function readConnectReply(leg: Leg, abort: Abort, observer: ReplyObserver): void {
  if (abort.reason !== undefined) {
    observer.onFault(abort.reason);
    return;
  }
  const reader = new ReplyReader(leg, abort, observer);
  abort.listen((reason) => reader.fail(reason));
  // What came unasked is part of the answer, such as the 503 of a peer that is full; never of the tunnel.
  const held = leg.takeHeld();
  if (held === undefined || reader.onChunk(leg, held)) leg.attach(reader);
  leg.resume();
}

class ReplyReader implements Sink {
  readonly #leg: Leg;
  readonly #abort: Abort;
  readonly #observer: ReplyObserver;
  readonly #head = new FieldSection();
  /** Of the head that is being read. */
  #bytes = 0;
  #status = 0;
  #phrase = '';
  /** Of a final answer that is no 2xx, once its head has come. */
  #body: BodyReader | undefined = undefined;

  constructor(leg: Leg, abort: Abort, observer: ReplyObserver) {
    this.#leg = leg;
    this.#abort = abort;
    this.#observer = observer;
    this.#head.begin(true);
  }

  fail(error: ProxyError): void {
    this.#letGo();
    this.#observer.onFault(error);
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    let isOver: boolean;
    try {
      isOver = this.#body === undefined ? this.#readHeads(leg, chunk) : this.#body.take(chunk);
    } catch (error) {
      this.fail(error instanceof MalformedAnswer ? malformed(error.message) : ProxyError.from(error));
      return false;
    }
    if (isOver) this.#done(this.#body?.bytes() ?? NO_BODY);
    return !isOver;
  }

  onEnd(): void {
    this.#onOver('Peer closed before it answered CONNECT', undefined);
  }

  onClose(_leg: Leg, cause: Error | undefined): void {
    this.#onOver('Peer broke off its answer to CONNECT', cause);
  }

  /** A refusal stands even where its text was cut short. */
  #onOver(detail: string, cause: Error | undefined): void {
    if (this.#body !== undefined) this.#done(this.#body.bytes());
    else this.fail(brokenOff(detail, cause));
  }

  /** Interim answers, and the final one's head. @returns whether the answer has come as a whole */
  #readHeads(leg: Leg, chunk: Buffer): boolean {
    for (let at = 0; ; ) {
      const end = this.#head.read(chunk, at);
      this.#count((end < 0 ? chunk.length : end) - at);
      if (end < 0) return false;
      this.#takeStatus(this.#head.startLine as string);
      if (this.#status >= 200) return this.#onFinal(leg, chunk, end);
      at = end;
      this.#bytes = 0;
      this.#head.begin(true);
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_HEAD_BYTES) throw malformed('Head too large');
  }

  #takeStatus(line: string): void {
    const parts = STATUS_LINE.exec(line);
    if (parts === null) throw malformed('Malformed status line');
    this.#status = Number(parts[1]);
    this.#phrase = parts[2] ?? '';
    if (this.#status === 101) throw malformed('101 in answer to CONNECT');
    if (hasTooManyFields(this.#head.fields)) throw malformed('Too many header fields');
  }

  /** The final answer's head has come, and ends at `end`. @returns whether the answer has come as a whole */
  #onFinal(leg: Leg, chunk: Buffer, end: number): boolean {
    if (this.#status < 300) {
      if (end < chunk.length) leg.hold(chunk.subarray(end));
      return true;
    }
    const { fields } = this.#head;
    this.#body = new BodyReader({
      contentLength: listOf(fields, 'content-length'),
      transferEncoding: listOf(fields, 'transfer-encoding'),
    });
    return this.#body.take(chunk.subarray(end));
  }

  #done(body: Buffer): void {
    this.#letGo();
    this.#observer.onReply({
      status: this.#status,
      phrase: this.#phrase,
      headers: this.#head.fields,
      body,
    });
  }

  #letGo(): void {
    this.#abort.listen(undefined);
    this.#leg.attach(NOBODY);
  }
}

function brokenOff(detail: string, cause: NodeJS.ErrnoException | undefined): ProxyError {
  const reason = reasonOfBreak(cause);
  if (reason === undefined) return new ProxyError('peer_terminated', { detail, cause });
  return new ProxyError(reason, { detail: `${detail}: ${tlsFaultText({ code: cause?.code })}`, cause });
}

function malformed(detail: string): ProxyError {
  return new ProxyError('peer_protocol_error', { detail: `${detail} from peer` });
}
