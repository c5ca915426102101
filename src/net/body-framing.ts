/**
 * How the body of an answer is delimited (RFC 9112 section 6.3), and whether its connection persists (section 9.3). An answer
 * that says it in two ways, or in one that is not known, is refused: whoever reads it otherwise would see another one behind it.
 */
import { isAboutConnection } from './connection-auth.ts';
import { MalformedAnswer } from './field-section.ts';
import type { RawHeaders } from './headers.ts';
import { IDLE_MS } from './limits.ts';

/** What comes behind the head. */
export type BodyKind = 'none' | 'sized' | 'chunked' | 'until close';

export interface StatusLine {
  readonly status: number;
  readonly phrase: string;
  /** Whether it is HTTP/1.0. */
  readonly isOld: boolean;
}

/** So much earlier than a next hop announces to close a connection, it is not used any more. */
const MARGIN_MS = 2_000;

const DIGITS = /^\d+$/;
const TIMEOUT = /timeout=(\d+)/;
/** Options of Connection, among others. */
const CLOSE = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i;
const KEEP_ALIVE = /(?:^|,)[\t ]*keep-alive[\t ]*(?:,|$)/i;

export class BodyFraming {
  kind: BodyKind = 'none';
  /** Of a body that is sized. */
  length = 0;
  /** How long the connection can be kept after this answer; 0: not at all. */
  keptMs = 0;
  /** Whether something may follow on the connection, as far as the head tells. */
  persists = false;
  #hasLength = false;
  #isChunked = false;
  #isClose = false;
  #isKeepAlive = false;
  /** Whether the next hop knows somebody by the connection. */
  #isPersonal = false;

  /**
   * Reads it off a head that answers `method`.
   * @throws {MalformedAnswer}
   */
  read(line: StatusLine, method: string, fields: RawHeaders): void {
    this.#hasLength = false;
    this.length = 0;
    this.#isChunked = false;
    this.#isClose = false;
    this.#isKeepAlive = false;
    this.#isPersonal = false;
    this.keptMs = IDLE_MS;
    for (let i = 0; i < fields.length; i += 2) this.#note(fields[i] as string, fields[i + 1] as string);
    if (this.#isChunked && this.#hasLength) throw new MalformedAnswer('A length for a chunked body');
    if (this.#isChunked && line.isOld) throw new MalformedAnswer('Transfer-Encoding in HTTP/1.0');
    this.kind = this.#kindOf(line.status, method);
    this.persists = !this.#isClose && (!line.isOld || this.#isKeepAlive);
    if (!this.#isKept(line.status)) this.keptMs = 0;
  }

  /** Most fields are told from these by their length alone. */
  #note(name: string, value: string): void {
    switch (name.length) {
      case 10:
        this.#noteConnection(name.toLowerCase(), value);
        break;
      case 14:
        if (name.toLowerCase() === 'content-length') this.#noteLength(value);
        break;
      case 16:
        if (name.toLowerCase() === 'www-authenticate' && isAboutConnection(value)) this.#isPersonal = true;
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') this.#noteCoding(value);
        break;
    }
  }

  #noteConnection(name: string, value: string): void {
    if (name === 'connection') {
      if (CLOSE.test(value)) this.#isClose = true;
      if (KEEP_ALIVE.test(value)) this.#isKeepAlive = true;
    } else if (name === 'keep-alive') {
      const timeout = TIMEOUT.exec(value);
      if (timeout !== null)
        this.keptMs = Math.max(0, Math.min(IDLE_MS, Number(timeout[1]) * 1000 - MARGIN_MS));
    }
  }

  /** Even two that are the same are one too many: llhttp refuses them as well. */
  #noteLength(value: string): void {
    this.length = Number(value);
    if (this.#hasLength || !DIGITS.test(value) || !Number.isSafeInteger(this.length))
      throw new MalformedAnswer('Malformed Content-Length');
    this.#hasLength = true;
  }

  #noteCoding(value: string): void {
    if (this.#isChunked || value.toLowerCase() !== 'chunked')
      throw new MalformedAnswer('Transfer-Encoding names more than chunked');
    this.#isChunked = true;
  }

  #kindOf(status: number, method: string): BodyKind {
    if (method === 'HEAD' || isBodyless(status)) return 'none';
    if (this.#isChunked) return 'chunked';
    if (!this.#hasLength) return 'until close';
    return this.length === 0 ? 'none' : 'sized';
  }

  #isKept(status: number): boolean {
    if (!this.persists || this.#isPersonal || this.kind === 'until close') return false;
    // Such an answer tells of a body that it may not have; it may come yet, and would be taken for the next answer.
    return !isBodyless(status) || (this.length === 0 && !this.#isChunked);
  }
}

function isBodyless(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}
