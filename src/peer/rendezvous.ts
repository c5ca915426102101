/**
 * Rendezvous hashing: each peer draws a lot for each key, and the highest lot wins. Every process draws the same lots without
 * asking another; when a peer goes only its own keys move, each to its second choice, and when it comes back so do they.
 */

/** What a peer draws with. */
export interface Entrant {
  /** Of its name, by {@link hashOf}. */
  readonly seed: number;
  /** A peer of twice the weight wins twice the keys. */
  readonly weight: number;
}

/** 32 bits that tell texts apart (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

/** The lot of an entrant for a key, of which the hash is given. */
export function lotOf(keyHash: number, { seed, weight }: Entrant): number {
  const drawn = mixed(Math.imul(keyHash ^ seed, 0x9e3779b1) + seed) >>> 0;
  // Never 0 nor 1, of which the logarithm says nothing.
  return weight / -Math.log((drawn + 0.5) / 2 ** 32);
}

/** Every bit of the result depends on every bit (the last step of MurmurHash3). */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
