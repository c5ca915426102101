/**
 * One answer from a connection: its head, strictly read, and where it opens no tunnel the beginning of its page. Page and head are
 * bounded, and what comes behind a head that opens a tunnel is left to whoever reads next.
 */
import type net from 'node:net';
import { FieldSection, MalformedAnswer } from '#net/field-section.ts';
import { valuesOf } from '#net/headers.ts';
import type { Answer } from './answer.ts';

/** Pages of Squid are some 4 KiB; where they end is not told more exactly than this. */
const MAX_PAGE_BYTES = 64 * 1024;
const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: (.*))?$/;

export class AnswerReader {
  /** Rejects with {@link MalformedAnswer} for what is no HTTP, and for a connection that ends before the head does. */
  readonly answer: Promise<Answer>;
  readonly #socket: net.Socket;
  readonly #settle: PromiseWithResolvers<Answer> = Promise.withResolvers();
  readonly #section = new FieldSection();
  /** Once the head has come. */
  #head: Omit<Answer, 'body'> | undefined = undefined;
  #page = '';
  /** Of the page. */
  #length = MAX_PAGE_BYTES;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#section.begin(true);
    this.answer = this.#settle.promise;
    socket
      .on('data', this.#onData)
      .on('error', this.#onError)
      .on('end', this.#onEnd)
      .on('close', this.#onEnd);
  }

  /** Reads no more. A page that has begun is an answer, however little of it came. */
  stop(): void {
    this.#done();
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      if (this.#head === undefined) this.#readHead(chunk);
      else this.#takePage(chunk);
    } catch (error) {
      this.#letGo();
      this.#settle.reject(error);
    }
  };

  readonly #onError = (error: Error): void => {
    this.#over(error);
  };

  readonly #onEnd = (): void => {
    this.#over(new MalformedAnswer('the other side closed the connection without an answer'));
  };

  #over(fault: Error): void {
    if (this.#head === undefined) this.#settle.reject(fault);
    this.#done();
  }

  /** Interim answers are passed over. */
  #readHead(chunk: Buffer): void {
    for (let at = this.#section.read(chunk, 0); at >= 0; at = this.#section.read(chunk, at)) {
      const [, status, phrase = ''] = STATUS_LINE.exec(String(this.#section.startLine)) ?? [];
      if (status === undefined) throw new MalformedAnswer('what it answers is no HTTP/1.1');
      if (Number(status) >= 200) {
        this.#takeHead({ status: Number(status), phrase, headers: this.#section.fields }, chunk.subarray(at));
        return;
      }
      this.#section.begin(true);
    }
  }

  #takeHead(head: Omit<Answer, 'body'>, rest: Buffer): void {
    this.#head = head;
    if (head.status < 300) {
      this.#done();
      if (rest.length > 0) this.#socket.unshift(rest);
      return;
    }
    const [length] = valuesOf(head.headers, 'content-length');
    if (length !== undefined && /^\d{1,9}$/.test(length))
      this.#length = Math.min(Number(length), MAX_PAGE_BYTES);
    this.#takePage(rest);
  }

  #takePage(chunk: Buffer): void {
    this.#page += chunk.toString('latin1');
    if (this.#page.length >= this.#length) this.#done();
  }

  #done(): void {
    this.#letGo();
    if (this.#head !== undefined)
      this.#settle.resolve({ ...this.#head, body: this.#page.slice(0, MAX_PAGE_BYTES) });
  }

  #letGo(): void {
    this.#socket.pause();
    this.#socket.off('data', this.#onData).off('error', this.#onError);
    this.#socket.off('end', this.#onEnd).off('close', this.#onEnd);
  }
}
