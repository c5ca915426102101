/**
 * Reads the answers that come over one connection, one after the other, and tells them to a sink as they come: interim answers,
 * the head, the body without its framing, trailers. Knows no connection; what it is given is its own during the call.
 */
import { BodyFraming, type StatusLine } from './body-framing.ts';
import { ChunkedBody } from './chunked.ts';
import type { ResponseSink } from './exchange.ts';
import { FieldSection, MalformedAnswer, NoHttp } from './field-section.ts';
import type { RawHeaders } from './headers.ts';

/** What it tells; what one of these throws goes to whoever gave it the bytes. */
export type AnswerSink = Omit<ResponseSink, 'onDial' | 'onSent'>;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

const NO_FIELDS: RawHeaders = [];

/** What comes next. */
const HEAD = 0;
const SIZED = 1;
const CHUNKED = 2;
const UNTIL_CLOSE = 3;
const NOTHING = 4;

export class AnswerReader {
  readonly #head = new FieldSection();
  readonly #framing = new BodyFraming();
  readonly #chunked = new ChunkedBody();
  #sink: AnswerSink | undefined = undefined;
  #method = '';
  #next = NOTHING;
  /** Of a head whose first line has come. */
  #line: StatusLine | undefined = undefined;
  /** Of a body that is sized. */
  #left = 0;
  /** Whether the head of the final answer has come. */
  hasHead = false;
  /** Whether the answer has come as a whole. */
  isOver = false;

  /** From now on the answer to a request of `method` is read. */
  begin(sink: AnswerSink, method: string): void {
    this.#sink = sink;
    this.#method = method;
    this.hasHead = false;
    this.isOver = false;
    this.#beginHead();
  }

  /** The sink is told no more, not even of what is being read. */
  stop(): void {
    this.#next = NOTHING;
    this.#sink = undefined;
  }

  /** How long the connection can be kept after this answer; 0: not at all. */
  get keptMs(): number {
    return this.#framing.keptMs;
  }

  /**
   * Reads on.
   * @returns whether all of `bytes` were of this answer
   * @throws {MalformedAnswer}, or what the sink throws
   */
  read(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length && this.#next !== NOTHING) at = this.#readSome(bytes, at);
    return at === bytes.length;
  }

  /** Nothing more will come. @returns whether that ends the answer */
  end(): boolean {
    if (this.#next !== UNTIL_CLOSE) return false;
    this.#finish(NO_FIELDS);
    return true;
  }

  #readSome(bytes: Buffer, at: number): number {
    switch (this.#next) {
      case HEAD:
        return this.#readHead(bytes, at);
      case SIZED:
        return this.#readSized(bytes, at);
      case CHUNKED:
        return this.#readChunked(bytes, at);
      default:
        return this.#take(bytes, at, bytes.length);
    }
  }

  #beginHead(): void {
    this.#next = HEAD;
    this.#line = undefined;
    this.#head.begin(true);
  }

  #readHead(bytes: Buffer, at: number): number {
    const end = this.#head.read(bytes, at);
    const { startLine, fields } = this.#head;
    // Not only with the whole head: what is no HTTP at all may never come to an empty line.
    if (startLine !== undefined) this.#line ??= parseStatusLine(startLine);
    if (end < 0) return bytes.length;
    const line = this.#line as StatusLine;
    this.#framing.read(line, this.#method, fields);
    if (line.status >= 200) this.#takeHead(line, fields);
    else this.#takeInterim(line.status, fields);
    return end;
  }

  #takeInterim(status: number, fields: RawHeaders): void {
    if (status === 101) throw new MalformedAnswer('A 101 that was not asked for');
    if (!this.#framing.persists) throw new MalformedAnswer('An interim answer that nothing can follow');
    this.#beginHead();
    this.#sink?.onInformation(status, fields);
  }

  #takeHead({ status, phrase }: StatusLine, fields: RawHeaders): void {
    const { kind, length } = this.#framing;
    this.hasHead = true;
    this.#left = length;
    if (kind === 'chunked') this.#chunked.begin();
    this.#next = NEXT_BY_KIND[kind];
    this.#sink?.onHead(status, phrase, fields);
    if (kind === 'none') this.#finish(NO_FIELDS);
  }

  #readSized(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    this.#take(bytes, at, end);
    if (this.#left === 0) this.#finish(NO_FIELDS);
    return end;
  }

  /** What one read brings is told in one piece, moved together: told one by one, tiny chunks would each cost a write. */
  #readChunked(bytes: Buffer, at: number): number {
    const chunked = this.#chunked;
    const start = chunked.skip(bytes, at);
    let next = chunked.passData(bytes.length - start) + start;
    let end = next;
    while (next < bytes.length && !chunked.isOver) {
      const from = chunked.skip(bytes, next);
      next = chunked.passData(bytes.length - from) + from;
      bytes.copyWithin(end, from, next);
      end += next - from;
    }
    if (end > start) this.#take(bytes, start, end);
    if (chunked.isOver) this.#finish(chunked.trailers);
    return next;
  }

  #take(bytes: Buffer, from: number, to: number): number {
    this.#sink?.onChunk(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
    return to;
  }

  /** Unless it was stopped within the last call. */
  #finish(trailers: RawHeaders): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    this.stop();
    this.isOver = true;
    sink.onEnd(trailers);
  }
}

const NEXT_BY_KIND = { none: NOTHING, sized: SIZED, chunked: CHUNKED, 'until close': UNTIL_CLOSE } as const;

/** @throws {MalformedAnswer} */
function parseStatusLine(text: string): StatusLine {
  const parts = STATUS_LINE.exec(text);
  if (parts === null)
    throw new (text.startsWith('HTTP/') ? MalformedAnswer : NoHttp)('Malformed status line');
  return { status: Number(parts[2]), phrase: parts[3] ?? '', isOld: parts[1] === '0' };
}
