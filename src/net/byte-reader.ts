/** Reads numbers and vectors of TLS's presentation language (RFC 8446 section 3) out of bytes, and never beyond them. */

/** The bytes are not what they should be. */
export class Malformed extends Error {}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many are still to be read. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next `count` bytes, not copied. @throws {Malformed} where there are not so many */
  bytes(count: number): Uint8Array {
    if (count > this.left) throw new Malformed('a length in it leads beyond its end');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** @throws {Malformed} */
  uint8(): number {
    return this.bytes(1)[0] as number;
  }

  /** @throws {Malformed} */
  uint16(): number {
    return (this.uint8() << 8) | this.uint8();
  }

  /** What stands behind a length of one byte. @throws {Malformed} */
  vector8(): Uint8Array {
    return this.bytes(this.uint8());
  }

  /** What stands behind a length of two bytes. @throws {Malformed} */
  vector16(): Uint8Array {
    return this.bytes(this.uint16());
  }

  /** @throws {Malformed} where something is left */
  end(): void {
    if (this.left > 0) throw new Malformed('something follows where it should end');
  }
}
