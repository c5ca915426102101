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
  /** The key's inner block, and room for what is signed. */
  readonly #inner: Buffer;
  /** The key's outer block, and room for the inner hash. */
  readonly #outer: Buffer;
  readonly #expected = Buffer.alloc(MAC_LENGTH);
  readonly #given = Buffer.alloc(MAC_LENGTH);

  /** `key` has at most 64 bytes; texts have at most `maxLength` characters. */
  constructor(key: Buffer, maxLength: number) {
    this.#inner = Buffer.alloc(BLOCK_BYTES + maxLength, 0x36);
    this.#outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c);
    for (const [index, byte] of key.entries()) {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    }
  }

  /** The MAC of an ASCII text, in Base64 for URLs. */
  sign(text: string): string {
    const written = this.#inner.write(text, BLOCK_BYTES, 'latin1');
    const digest = hash('sha256', this.#inner.subarray(0, BLOCK_BYTES + written), 'latin1');
    this.#outer.write(digest, BLOCK_BYTES, 'latin1');
    return hash('sha256', this.#outer, 'base64url');
  }

  /** Whether `mac` is the text's, to the letter; takes the same time whichever of its letters is wrong. */
  isOf(text: string, mac: string): boolean {
    if (mac.length !== MAC_LENGTH) return false;
    this.#expected.write(this.sign(text), 'latin1');
    this.#given.write(mac, 'latin1');
    return timingSafeEqual(this.#expected, this.#given);
  }
}
