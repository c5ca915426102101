/**
 * The chunked coding (RFC 9112 section 7.1) of one body after another: tells where data is, and leaves it to the caller. Chunk
 * extensions are read past, within bounds; trailers are kept.
 */
import { FieldSection, MalformedAnswer } from './field-section.ts';
import type { RawHeaders } from './headers.ts';

/** A size and its extensions. */
const MAX_LINE_BYTES = 1024;
const LF = 0x0a;

/** As large as a number can tell exactly. No blanks, as llhttp has it too. */
const SIZE_LINE =
  /^([0-9a-f]{1,13})(?:;[!#$%&'*+\-.^_`|~0-9a-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9a-z]+|"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*\r\n$/i;

export class ChunkedBody {
  /** Bytes of data that come next. */
  #left = 0;
  isOver = false;
  readonly #trailers = new FieldSection();
  #isTrailing = false;
  /** Whether data has to be ended by a CRLF. */
  #isDataOver = false;
  #line = '';

  /** From now on another body is read. */
  begin(): void {
    this.#left = 0;
    this.isOver = false;
    this.#isTrailing = false;
    this.#isDataOver = false;
    this.#line = '';
    this.#trailers.begin(false);
  }

  get trailers(): RawHeaders {
    return this.#trailers.fields;
  }

  /**
   * Reads on to the next data, in `bytes` from `at`.
   * @returns where it begins, or what is behind the body
   * @throws {MalformedAnswer}
   */
  skip(bytes: Buffer, at: number): number {
    let next = at;
    while (this.#left === 0 && !this.isOver && next < bytes.length) {
      next = this.#isTrailing ? this.#readTrailers(bytes, next) : this.#readLine(bytes, next);
    }
    return next;
  }

  /** Of `length` bytes, so many are data. They are read then. */
  passData(length: number): number {
    const data = Math.min(length, this.#left);
    this.#left -= data;
    return data;
  }

  #readTrailers(bytes: Buffer, at: number): number {
    const end = this.#trailers.read(bytes, at);
    if (end < 0) return bytes.length;
    this.isOver = true;
    return end;
  }

  #readLine(bytes: Buffer, at: number): number {
    const feed = bytes.indexOf(LF, at);
    const end = feed < 0 ? bytes.length : feed + 1;
    if (this.#line.length + end - at > MAX_LINE_BYTES) throw new MalformedAnswer('Chunk size too long');
    this.#line += bytes.toString('latin1', at, end);
    if (this.#isDataOver && !'\r\n'.startsWith(this.#line))
      throw new MalformedAnswer('More in a chunk than its size');
    if (feed >= 0) this.#takeLine();
    return end;
  }

  #takeLine(): void {
    const line = this.#line;
    this.#line = '';
    if (this.#isDataOver) {
      this.#isDataOver = false;
      return;
    }
    const size = SIZE_LINE.exec(line);
    if (size === null) throw new MalformedAnswer('Malformed chunk size');
    this.#left = Number.parseInt(size[1] as string, 16);
    this.#isDataOver = true;
    this.#isTrailing = this.#left === 0;
  }
}
