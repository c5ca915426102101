/**
 * Lines of a message as they come in, up to the empty one: the head of an answer, or the trailers behind its body (RFC 9112
 * sections 2 and 5). Strict: a line that might be read in two ways is refused, never mended. What is beyond the limits is refused too.
 */
import { MAX_ANSWER_FIELDS, MAX_ANSWER_HEAD_BYTES } from './limits.ts';

/** What came is no HTTP/1.1; the message says why. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** It does not even begin as HTTP does, which no answer does that a proxy passes on. */
export class NoHttp extends MalformedAnswer {}

const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** By character: 1 where it may be part of a name (RFC 9110 section 5.6.2). */
const IS_TOKEN = new Uint8Array(256);
for (const character of TOKEN_CHARACTERS) IS_TOKEN[character.charCodeAt(0)] = 1;

const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;
const SECTION_END = Buffer.from('\r\n\r\n');
/** What no value of a field holds (RFC 9110 section 5.5). */
export const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** Of a line that is not whole; a CR may be half of its end. */
const NOT_IN_LINE = /[^\t\r\x20-\x7e\x80-\xff]/;

export class FieldSection {
  fields: string[] = [];
  /** The first line, not looked at; undefined until it is whole. Empty where the section has none. */
  startLine: string | undefined = undefined;
  /** Of a line that is not whole yet. */
  #rest = '';
  /** Of the lines before it. */
  #bytes = 0;

  /** From now on another section is read. */
  begin(hasStartLine: boolean): void {
    this.fields = [];
    this.startLine = hasStartLine ? undefined : '';
    this.#rest = '';
    this.#bytes = 0;
  }

  /**
   * Reads on, in `bytes` from `at`.
   * @returns where the section has ended, behind the empty line; -1: it goes on
   * @throws {MalformedAnswer}
   */
  read(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(SECTION_END, at);
    const behind = end < 0 ? bytes.length : end + SECTION_END.length;
    const piece = bytes.toString('latin1', at, Math.min(behind, at + MAX_ANSWER_HEAD_BYTES));
    // Looked for in the piece, and not in what it is a piece of: else a line that comes byte by byte costs its square.
    if (!piece.includes('\n')) {
      this.#hold(this.#rest + piece, piece);
      return -1;
    }
    const before = this.#rest.length;
    const length = this.#readLines(this.#rest + piece);
    return length < 0 ? -1 : at + length - before;
  }

  /** @returns how much of `text` is of this section; -1: it goes on */
  #readLines(text: string): number {
    let at = 0;
    for (;;) {
      const end = text.indexOf('\r\n', at);
      if (end < 0) break;
      if (end === at && this.startLine !== undefined) {
        this.#count(end + 2);
        return end + 2;
      }
      if (this.startLine === undefined) this.startLine = text.slice(at, end);
      else this.#takeField(text, at, end);
      at = end + 2;
    }
    this.#count(at);
    const rest = text.slice(at);
    this.#hold(rest, rest);
    return -1;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_ANSWER_HEAD_BYTES) throw new MalformedAnswer('Head too large');
  }

  /** Keeps what is no whole line; `added` is what has not been looked at before. */
  #hold(rest: string, added: string): void {
    if (this.#bytes + rest.length >= MAX_ANSWER_HEAD_BYTES) throw new MalformedAnswer('Head too large');
    if (NOT_IN_LINE.test(added)) throw new MalformedAnswer('No text in the head');
    this.#rest = rest;
  }

  #takeField(text: string, at: number, end: number): void {
    let colon = at;
    while (IS_TOKEN[text.charCodeAt(colon)] === 1) colon += 1;
    if (colon === at || text.charCodeAt(colon) !== COLON) throw new MalformedAnswer('Malformed field line');
    const value = valueIn(text, colon + 1, end);
    if (NOT_IN_VALUE.test(value)) throw new MalformedAnswer('Malformed field value');
    this.fields.push(text.slice(at, colon), value);
    if (this.fields.length > 2 * MAX_ANSWER_FIELDS)
      throw new MalformedAnswer(`More than ${MAX_ANSWER_FIELDS} fields`);
  }
}

/** Without the blanks around it; no more of them than these two (RFC 9110 section 5.5). */
function valueIn(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: number): boolean {
  return character === SPACE || character === TAB;
}
