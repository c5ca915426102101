/**
 * Messages on a stream between two processes of this host: each is its length in four bytes and a structured clone. What is longer than
 * any message can be, or is none, ends the stream: who speaks so is not of ours.
 */
import { deserialize, serialize } from 'node:v8';

const LENGTH_BYTES = 4;
/** All pods of a large cluster, and audit records of seconds in which nobody took them, are well below it. */
export const MAX_FRAME_BYTES = 128 * 1024 * 1024;

/** What has come is no message. */
export class FrameFault extends Error {
  override readonly name = 'FrameFault';
}

/** @throws {FrameFault} where it is too long to be read */
export function frameOf(message: unknown, maxBytes = MAX_FRAME_BYTES): Buffer {
  const body = serialize(message);
  if (body.length > maxBytes) throw new FrameFault(`Message of ${body.length} bytes is too long`);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Takes messages out of what arrives. */
export class Frames {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** @returns the messages that are whole now @throws {FrameFault} what comes is none, and so is all that follows */
  take(chunk: Buffer): unknown[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const messages: unknown[] = [];
    for (let body = this.#next(); body !== undefined; body = this.#next()) messages.push(read(body));
    return messages;
  }

  #next(): Buffer | undefined {
    if (this.#bytes < LENGTH_BYTES) return undefined;
    const length = this.#joined(LENGTH_BYTES).readUInt32BE();
    if (length > this.#maxBytes) throw new FrameFault(`Message of ${length} bytes is too long`);
    if (this.#bytes < LENGTH_BYTES + length) return undefined;
    const all = this.#joined(this.#bytes);
    const rest = all.subarray(LENGTH_BYTES + length);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    return all.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  }

  /** The first of the chunks, with at least so many bytes in it. */
  #joined(bytes: number): Buffer {
    const [first] = this.#chunks as [Buffer];
    if (first.length >= bytes) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

function read(body: Buffer): unknown {
  try {
    return deserialize(body);
  } catch (cause) {
    throw new FrameFault('What has come is no message', { cause });
  }
}
