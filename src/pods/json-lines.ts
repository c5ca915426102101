/** JSON values, one on each line, out of bytes that are cut anywhere. */

/** @throws {SyntaxError} a line is no JSON, or has more than `maxBytes` */
export async function* jsonLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<unknown> {
  let begun: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield parse([...begun, chunk.subarray(from, end)]);
      begun = [];
      size = 0;
      from = end + 1;
    }
    size += chunk.length - from;
    if (size > maxBytes) throw new SyntaxError(`A line has more than ${maxBytes} bytes`);
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (size > 0) throw new SyntaxError('The last line has no end');
}

const NEWLINE = 0x0a;

function parse(parts: readonly Buffer[]): unknown {
  return JSON.parse(Buffer.concat(parts).toString());
}
