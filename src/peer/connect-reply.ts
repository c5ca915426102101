/**
 * Reads a peer's answer to our CONNECT, strictly and within bounds. A 2xx of any kind opens the tunnel and has no body,
 * whatever its framing fields say (RFC 9110 section 9.3.6); bytes after it belong to the tunnel. Any other final answer
 * is read whole, so that it can reach the client as it is.
 */
import { ProxyError } from '#errors.ts';
import type { Abort } from '#net/abort.ts';
import { listOf, type RawHeaders } from '#net/headers.ts';
import { type Leg, NOBODY, type Sink } from '#net/leg.ts';
import { MAX_FIELDS, MAX_HEAD_BYTES } from '#net/limits.ts';
import { BodyReader } from './reply-body.ts';

export interface ConnectReply {
  readonly status: number;
  readonly phrase: string;
  readonly headers: RawHeaders;
  /** Empty for a 2xx. Cut at {@link MAX_BODY_BYTES}. */
  readonly body: Buffer;
}

type ReplyHead = Omit<ConnectReply, 'body'>;

const NO_BODY = Buffer.alloc(0);
const HEAD_END = '\r\n\r\n';
const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;

/**
 * Reads one final answer; afterwards the leg is in nobody's charge and holds what came after it.
 * @throws {ProxyError} `peer_protocol_error`, `peer_terminated`, or the reason of `abort`
 */
export function readConnectReply(leg: Leg, abort: Abort): Promise<ConnectReply> {
  return new Promise((resolve, reject) => {
    abort.check();
    const settle = (act: () => void): void => {
      abort.listen(undefined);
      leg.attach(NOBODY);
      act();
    };
    const reader = new ReplyReader({
      done: (reply) => settle(() => resolve(reply)),
      failed: (error) => settle(() => reject(error)),
    });
    abort.listen((reason) => settle(() => reject(reason)));
    // What came unasked is part of the answer, such as the 503 of a peer that is full; never of the tunnel.
    const held = leg.takeHeld();
    if (held === undefined || reader.onChunk(leg, held)) leg.attach(reader);
    leg.resume();
  });
}

interface ReplyObserver {
  done(reply: ConnectReply): void;
  failed(error: ProxyError): void;
}

class ReplyReader implements Sink {
  readonly #observer: ReplyObserver;
  #head = '';
  #reply: ReplyHead = { status: 0, phrase: '', headers: [] };
  #body: BodyReader | undefined = undefined;

  constructor(observer: ReplyObserver) {
    this.#observer = observer;
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    try {
      return this.#body === undefined ? this.#onHead(leg, chunk) : this.#onBody(chunk);
    } catch (error) {
      this.#observer.failed(ProxyError.from(error));
      return false;
    }
  }

  onEnd(): void {
    this.#onOver('Peer closed before it answered CONNECT', undefined);
  }

  onClose(_leg: Leg, cause: Error | undefined): void {
    this.#onOver('Peer broke off its answer to CONNECT', cause);
  }

  /** A refusal stands even where its text was cut short. */
  #onOver(detail: string, cause: Error | undefined): void {
    if (this.#body === undefined) this.#observer.failed(new ProxyError('peer_terminated', { detail, cause }));
    else this.#done(this.#body);
  }

  /** @returns whether to read on */
  #onHead(leg: Leg, chunk: Buffer): boolean {
    this.#head += chunk.toString('latin1');
    for (;;) {
      const end = this.#head.indexOf(HEAD_END);
      if (end < 0) {
        if (this.#head.length <= MAX_HEAD_BYTES) return true;
        throw new ProxyError('peer_protocol_error', { detail: 'Head too large' });
      }
      this.#reply = parseHead(this.#head.slice(0, end));
      this.#head = this.#head.slice(end + HEAD_END.length);
      if (this.#reply.status >= 200) return this.#onFinal(leg, Buffer.from(this.#head, 'latin1'));
      if (this.#reply.status === 101)
        throw new ProxyError('peer_protocol_error', { detail: 'CONNECT answered with 101' });
    }
  }

  /** @returns whether to read on */
  #onFinal(leg: Leg, rest: Buffer): boolean {
    const { status, headers } = this.#reply;
    if (status < 300) {
      if (rest.length > 0) leg.hold(rest);
      this.#observer.done({ ...this.#reply, body: NO_BODY });
      return false;
    }
    this.#body = new BodyReader({
      contentLength: listOf(headers, 'content-length'),
      transferEncoding: listOf(headers, 'transfer-encoding'),
    });
    return this.#onBody(rest);
  }

  #onBody(chunk: Buffer): boolean {
    const body = this.#body as BodyReader;
    if (!body.take(chunk)) return true;
    this.#done(body);
    return false;
  }

  #done(body: BodyReader): void {
    this.#observer.done({ ...this.#reply, body: body.bytes() });
  }
}

/** @throws {ProxyError} `peer_protocol_error` */
function parseHead(head: string): ReplyHead {
  const [first = '', ...lines] = head.split('\r\n');
  const statusLine = STATUS_LINE.exec(first);
  if (statusLine === null)
    throw new ProxyError('peer_protocol_error', { detail: 'Malformed status line from peer' });
  if (lines.length > MAX_FIELDS)
    throw new ProxyError('peer_protocol_error', { detail: 'Too many header fields from peer' });
  const headers: string[] = [];
  for (const line of lines) {
    const field = FIELD.exec(line);
    if (field === null)
      throw new ProxyError('peer_protocol_error', { detail: 'Malformed header field from peer' });
    headers.push(field[1] as string, (field[2] as string).trim());
  }
  return { status: Number(statusLine[1]), phrase: statusLine[2] ?? '', headers };
}
