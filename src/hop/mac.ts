/**
 * HMAC-SHA-256 (RFC 2104) under one key, by Node's one-shot hash: an Hmac object of Node's costs three times as much
 * (bench/micro/hop/assertion.ts), and there are two of these in every tunnel between our tiers.
 */
import { hash, timingSafeEqual } from 'node:crypto';

/** Of the hash. */
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Of a MAC as text. */
const MAC_LENGTH = 43;

export class Mac {
  /** The key's inner block, what every text begins with, and room for the rest. */
  readonly #inner: Buffer;
  readonly #restAt: number;
  /** Parts of it from its beginning, by where they end: to make one takes as long as to hash a block. */
  readonly #parts: Buffer[] = [];
  /** The key's outer block, and room for the inner hash. */
  readonly #outer: Buffer;
  /** Room for two MACs to be compared. */
  readonly #given = Buffer.alloc(MAC_LENGTH);
  readonly #expected = Buffer.alloc(MAC_LENGTH);

  /** For ASCII texts that begin with `prefix` and go on for at most `maxLength` characters. `key` has at most 64 bytes. */
  constructor(key: Buffer, prefix: string, maxLength: number) {
    this.#restAt = BLOCK_BYTES + prefix.length;
    this.#inner = Buffer.alloc(this.#restAt + maxLength, 0x36);
    this.#outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c);
    for (const [index, byte] of key.entries()) {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
    this.#inner.write(prefix, BLOCK_BYTES, 'latin1');
  }

  /** The MAC of the prefix with `rest` behind it, in Base64 for URLs. */
  sign(rest: string): string {
    const end = this.#restAt + this.#inner.write(rest, this.#restAt, 'latin1');
    this.#parts[end] ??= this.#inner.subarray(0, end);
    const digest = hash('sha256', this.#parts[end], 'latin1');
    this.#outer.write(digest, BLOCK_BYTES, 'latin1');
    return hash('sha256', this.#outer, 'base64url');
  }

  /** Whether `mac` is that of {@link sign}, to the letter; takes the same time whichever of its letters is wrong. */
  isOf(rest: string, mac: string): boolean {
    if (mac.length !== MAC_LENGTH) return false;
    // As UTF-8, since Latin 1 would make letters of other characters; what is left of the MAC before where fewer bytes are written is none.
    if (this.#given.write(mac, 'utf8') !== MAC_LENGTH) return false;
    this.#expected.write(this.sign(rest), 'latin1');
    return timingSafeEqual(this.#given, this.#expected);
  }
}
