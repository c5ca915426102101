/** Files that may be packed, as rotated logs are: what begins as gzip does is unpacked on the way, whatever the file is called. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/**
 * The bytes as they were before they were packed, where they were.
 * @throws {Error} what `chunks` throws, and where compressed data is damaged
 */
export async function* unpacked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const rest = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    head = Buffer.concat([head, next.value]);
    if (head.length > 1) break;
  }
  const whole = withHead(head, rest);
  yield* isGzip(head) ? gunzipped(whole) : whole;
}

/** RFC 1952 section 2.3.1. */
function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* { [Symbol.asyncIterator]: () => rest };
}

function gunzipped(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // The reader of what comes out is told of a fault too.
  return pipeline(Readable.from(packed), createGunzip(), () => {});
}
