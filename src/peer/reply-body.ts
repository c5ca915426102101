/**
 * Collects the body of a peer's refusal by its framing (RFC 9112 section 6.3), up to a bound; what lies beyond is
 * dropped. A body whose framing is nonsense ends at once: the status matters, the text is a courtesy.
 */

/** A refusal's text is short; more than this is not passed on. */
export const MAX_BODY_BYTES = 64 * 1024;

const CHUNK_SIZE = /^([0-9a-f]{1,8})(?:[ \t]*;.*)?$/i;

export class BodyReader {
  readonly #isChunked: boolean;
  readonly #length: number;
  #collected = Buffer.alloc(0);

  constructor(framing: {
    readonly contentLength: string | undefined;
    readonly transferEncoding: string | undefined;
  }) {
    const { contentLength, transferEncoding } = framing;
    this.#isChunked = transferEncoding?.trim().toLowerCase() === 'chunked';
    const isSized = !this.#isChunked && contentLength !== undefined;
    this.#length = isSized ? lengthOf(contentLength) : MAX_BODY_BYTES;
  }

  /** @returns whether the body is complete */
  take(chunk: Buffer): boolean {
    this.#collected = Buffer.concat([this.#collected, chunk]);
    if (this.#isChunked)
      return decodeChunked(this.#collected).isDone || this.#collected.length > 2 * MAX_BODY_BYTES;
    return this.#collected.length >= this.#length;
  }

  /** What has come so far, without framing. */
  bytes(): Buffer {
    const body = this.#isChunked ? decodeChunked(this.#collected).body : this.#collected;
    return body.subarray(0, this.#length);
  }
}

/** 0 where it cannot be read. */
function lengthOf(contentLength: string): number {
  return /^\d+$/.test(contentLength) ? Math.min(Number(contentLength), MAX_BODY_BYTES) : 0;
}

function decodeChunked(raw: Buffer): { body: Buffer; isDone: boolean } {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = raw.indexOf('\r\n', at);
    if (lineEnd < 0) return { body: Buffer.concat(parts), isDone: false };
    const size = CHUNK_SIZE.exec(raw.toString('latin1', at, lineEnd));
    if (size === null) return { body: Buffer.concat(parts), isDone: true };
    const length = Number.parseInt(size[1] as string, 16);
    const start = lineEnd + 2;
    if (length === 0) return { body: Buffer.concat(parts), isDone: raw.indexOf('\r\n', start) >= 0 };
    parts.push(raw.subarray(start, start + length));
    at = start + length + 2;
  }
}
