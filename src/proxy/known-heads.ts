/**
 * Heads of CONNECT that came before. Clients ask for the same tunnels with the same bytes, again and again, and what was read of
 * them then is true again: a head is known by all of its bytes, so that it stands for nothing but itself. Each has one place, which
 * the latest takes: to look is one comparison of bytes, without a string that would have to be made and hashed first.
 */

const PLACES = 256;
/** Longer ones are not kept, nor are those with secrets, or with an id that is never used again. */
const MAX_BYTES = 1024;
const NOT_KEPT = /\n(?:proxy-authorization|authorization|cookie|weir-transaction|weir-identity):/i;
/** The part of a head in which they differ: behind the method is the target. */
const FROM = 8;
const TO = 48;

interface Known<Head> {
  readonly bytes: Buffer;
  readonly head: Head;
}

/** `length`: how many of the bytes are its own. */
export class KnownHeads<Head extends { readonly length: number }> {
  readonly #places: (Known<Head> | undefined)[] = new Array(PLACES).fill(undefined);

  find(bytes: Buffer): Head | undefined {
    const known = this.#places[placeOf(bytes)];
    return known?.bytes.equals(bytes) === true ? known.head : undefined;
  }

  /** Keeps what was read of `bytes`, where it is all of them, and may be kept. */
  keep(bytes: Buffer, head: Head): void {
    if (bytes.length > MAX_BYTES || head.length !== bytes.length) return;
    if (NOT_KEPT.test(bytes.toString('latin1'))) return;
    this.#places[placeOf(bytes)] = { bytes: Buffer.from(bytes), head };
  }
}

/** Whoever makes many meet in one place makes them be read anew, and no more. */
function placeOf(bytes: Buffer): number {
  let place = bytes.length;
  const to = Math.min(bytes.length, TO);
  for (let at = FROM; at < to; at += 1) place = (Math.imul(place, 31) + (bytes[at] as number)) | 0;
  return (place ^ (place >>> 16)) & (PLACES - 1);
}
