/**
 * Heads that came before. Clients ask for the same with the same bytes, again and again, and what was read of them then is true
 * again: a head is known by all of its bytes, so that it stands for nothing but itself. Each has one place, which the latest that
 * came twice takes: to look is one comparison of bytes, without a string that would have to be made and hashed first.
 */

const PLACES = 256;
/** Longer ones are not kept, nor are those with secrets, or with an id that is never used again. */
const MAX_BYTES = 1024;
const NOT_KEPT = /\n(?:proxy-authorization|authorization|cookie|weir-transaction|weir-identity):/i;
/** The part of a head in which they differ: behind the method is the target. */
const FROM = 4;
const TO = 128;

interface Known<Head> {
  readonly bytes: Buffer;
  readonly head: Head;
}

/** `length`: how many of the bytes are its own. */
export class KnownHeads<Head extends { readonly length: number }> {
  readonly #places: (Known<Head> | undefined)[] = new Array(PLACES).fill(undefined);
  /** By place, what came to it last and was not kept: most of what comes once never comes again. */
  readonly #seen = new Int32Array(PLACES);
  /** Of what was looked for last. */
  #hash = 0;

  find(bytes: Buffer): Head | undefined {
    this.#hash = hashOf(bytes);
    const known = this.#places[placeOf(this.#hash)];
    return known?.bytes.equals(bytes) === true ? known.head : undefined;
  }

  /** Keeps what was read of `bytes`, which were looked for last, where it is all of them, came before, and may be kept. */
  keep(bytes: Buffer, head: Head): void {
    if (bytes.length > MAX_BYTES || head.length !== bytes.length) return;
    const hash = this.#hash;
    const place = placeOf(hash);
    if (this.#seen[place] !== hash) {
      this.#seen[place] = hash;
      return;
    }
    if (NOT_KEPT.test(bytes.toString('latin1'))) return;
    // Not of the pool that small buffers share: one of these would keep a whole slab of it.
    const own = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(own);
    this.#places[place] = { bytes: own, head };
  }
}

/** Never 0. Whoever makes many meet in one place makes them be read anew, and no more. */
function hashOf(bytes: Buffer): number {
  let hash = bytes.length;
  const to = Math.min(bytes.length, TO);
  // Two at a time; the last of an odd number tells little.
  for (let at = FROM + 1; at < to; at += 2)
    hash = (Math.imul(hash, 31) + ((bytes[at - 1] as number) | ((bytes[at] as number) << 8))) | 0;
  return hash | 1;
}

function placeOf(hash: number): number {
  return ((hash >>> 1) ^ (hash >>> 17)) & (PLACES - 1);
}
