/** Cuts the bytes of an audit file into lines, one character for each byte, and keeps what is no whole line at its end. */

/** No record is longer; a line that is makes none, and is not kept whole. */
export const MAX_LINE_BYTES = 65_536;

export class LineSplitter {
  #rest = '';

  /** What follows the last whole line. */
  get rest(): string {
    return this.#rest;
  }

  /** The lines that end in the chunk, without their ends. */
  take(chunk: Buffer): readonly string[] {
    const lines = chunk.toString('latin1').split('\n');
    lines[0] = `${this.#rest}${lines[0]}`;
    this.#rest = (lines.pop() as string).slice(0, MAX_LINE_BYTES);
    return lines;
  }
}
