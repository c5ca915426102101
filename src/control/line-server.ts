/**
 * One question and one answer on each connection, a line each. Everything is bounded: how many ask at a time, how long a question may be
 * and take, and its answer. What comes behind a question is not read.
 */
import type { Socket } from 'node:net';

/** Who ask at a time. */
const MAX_CLIENTS = 16;
/** Of a question: a URL and the fields of a request are well below it. */
const MAX_LINE_BYTES = 64 * 1024;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const LINE_LIMIT_MS = 5_000;
/** Workers have 15 s to answer, and the audit trail has 4 s. */
const ANSWER_LIMIT_MS = 20_000;

export interface LineServerParts {
  /** Never rejects. */
  readonly answer: (line: string) => Promise<string>;
  /** An answer that says so, in a word of {@link Failure}. */
  readonly refuse: (kind: 'busy' | 'malformed' | 'failed', why: string) => string;
  /** @default {@link LINE_LIMIT_MS} */
  readonly lineLimitMs?: number;
}

export class LineServer {
  readonly #parts: LineServerParts;
  readonly #clients = new Set<Socket>();
  /** Those of them that have no answer yet. */
  readonly #asking = new Set<Socket>();

  constructor(parts: LineServerParts) {
    this.#parts = parts;
  }

  /** Takes over a socket that is connected. */
  take(socket: Socket): void {
    // Who leaves gets no answer.
    socket.on('error', () => {});
    this.#clients.add(socket);
    socket.once('close', () => {
      this.#clients.delete(socket);
      this.#asking.delete(socket);
    });
    if (this.#asking.size >= MAX_CLIENTS) {
      const why = `${MAX_CLIENTS} others ask just now: try again in a moment`;
      this.#end(socket, this.#parts.refuse('busy', why));
      return;
    }
    this.#asking.add(socket);
    this.#read(socket);
  }

  close(): void {
    for (const socket of this.#clients) socket.destroy();
  }

  #read(socket: Socket): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const { lineLimitMs = LINE_LIMIT_MS } = this.#parts;
    const settle = (why: string | undefined): void => {
      clearTimeout(clock);
      socket.off('data', take);
      socket.off('end', onEnd);
      if (why !== undefined) this.#end(socket, this.#parts.refuse('malformed', why));
      else void this.#answer(socket, Buffer.concat(chunks).toString());
    };
    const take = (chunk: Buffer): void => {
      const end = chunk.indexOf('\n');
      chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
      bytes += chunk.length;
      if (bytes > MAX_LINE_BYTES) settle(`A question is a line of at most ${MAX_LINE_BYTES} bytes`);
      else if (end !== -1) settle(undefined);
    };
    const onEnd = (): void => settle('A question ends with a line feed');
    const clock = setTimeout(() => settle(`A question comes whole within ${lineLimitMs} ms`), lineLimitMs);
    socket.on('data', take);
    socket.once('end', onEnd);
    socket.once('close', () => clearTimeout(clock));
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    const clock = setTimeout(() => socket.destroy(), ANSWER_LIMIT_MS);
    socket.once('close', () => clearTimeout(clock));
    const answer = await this.#parts.answer(line);
    const isShort = Buffer.byteLength(answer) <= MAX_ANSWER_BYTES;
    this.#end(socket, isShort ? answer : this.#parts.refuse('failed', 'There is too much to tell'));
  }

  /** What still comes is thrown away, as a reset would take the answer with it. Who does not end is cut. */
  #end(socket: Socket, answer: string): void {
    this.#asking.delete(socket);
    socket.resume();
    socket.end(`${answer}\n`);
    const clock = setTimeout(() => socket.destroy(), LINE_LIMIT_MS);
    socket.once('close', () => clearTimeout(clock));
  }
}
