/**
 * Lines of a log that may be of any length, in memory that does not grow: chunks in, batches of lines out. What begins as
 * gzip does is unpacked on the way, whatever the file is called.
 */
import { unpacked } from '#record/unpacked.ts';

/** No line of a log that is whole is longer; of one that is, only so many bytes are kept, and they make no record. */
const MAX_LINE_BYTES = 65_536;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/**
 * All lines, without their ends, in batches.
 * @throws {Error} what `chunks` throws, and where compressed data is damaged
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  const splitter = new LineSplitter();
  for await (const chunk of unpacked(chunks)) {
    const lines = splitter.take(chunk);
    if (lines.length > 0) yield lines;
  }
  yield splitter.end();
}

class LineSplitter {
  /** Beginning of a line whose end is yet to come. */
  #rest: Buffer = NOTHING;

  /** The lines that end in the chunk. */
  take(chunk: Buffer): string[] {
    const last = chunk.lastIndexOf(LF);
    if (last < 0) {
      this.#rest = this.#withRest(chunk);
      return [];
    }
    const first = chunk.indexOf(LF);
    const lines = [this.#withRest(chunk.subarray(0, first)).toString()];
    if (last > first)
      for (const line of chunk.toString('utf8', first + 1, last).split('\n')) lines.push(line);
    // A copy: the whole chunk must not live on for the sake of its end.
    this.#rest = Buffer.from(chunk.subarray(last + 1));
    return lines;
  }

  /** The last line, where it has no end. */
  end(): string[] {
    return this.#rest.length === 0 ? [] : [this.#rest.toString()];
  }

  #withRest(piece: Buffer): Buffer {
    const room = Math.max(0, MAX_LINE_BYTES - this.#rest.length);
    return Buffer.concat([this.#rest, piece.subarray(0, room)]);
  }
}
