/**
 * Names, looked up by all suffixes of a host at once: one pass over the host from its end, one probe of a hash table per
 * label, whatever the number of names. A Map of strings would cut and hash a new string per label, at twice the cost.
 */

/** The name itself, everything below it, or both as their sum. */
export const Reach = { Itself: 1, Below: 2 } as const;

const DOT = 0x2e;

/** An immutable table of names with their reach. */
export class SuffixTable {
  readonly #names: readonly string[];
  /** By index of a name. */
  readonly #reaches: Uint8Array;
  /**
   * Pairs of a name's hash and its index plus one; 0 there: the slot is free. The hash is kept so that strings are compared
   * only where they are all but certainly equal, and beside the index so that a probe costs one cache miss.
   */
  readonly #slots: Int32Array;
  readonly #shift: number;
  /** The last question: rules ask for one host one after the other, and clients for the same again. */
  #host = '';
  #answer = false;

  constructor(reaches: ReadonlyMap<string, number>) {
    this.#names = [...reaches.keys()];
    this.#reaches = Uint8Array.from(reaches.values());
    // At most half full, so that a probe ends after two slots on average.
    const bits = 32 - Math.clz32((reaches.size * 2) | 1);
    this.#shift = 32 - bits;
    this.#slots = new Int32Array(2 << bits);
    for (const [index, name] of this.#names.entries()) this.#insert(name, index);
    this.#answer = this.#find('');
  }

  #insert(name: string, index: number): void {
    let hash = 0;
    for (let i = name.length - 1; i >= 0; i -= 1) hash = extend(hash, name.charCodeAt(i));
    let at = this.#firstSlot(hash);
    while (this.#slots[at + 1] !== 0) at = this.#nextSlot(at);
    this.#slots[at] = hash;
    this.#slots[at + 1] = index + 1;
  }

  /** Whether a name reaches the host. Both are canonical, without trailing dot. */
  has(host: string): boolean {
    if (host !== this.#host) {
      this.#answer = this.#find(host);
      this.#host = host;
    }
    return this.#answer;
  }

  #find(host: string): boolean {
    let hash = 0;
    for (let i = host.length - 1; i >= 0; i -= 1) {
      const code = host.charCodeAt(i);
      if (code === DOT && (this.#reachOf(hash, host, i + 1) & Reach.Below) !== 0) return true;
      hash = extend(hash, code);
    }
    return (this.#reachOf(hash, host, 0) & Reach.Itself) !== 0;
  }

  /** Reach of the name that is the host from `start` on; 0 where there is none. */
  #reachOf(hash: number, host: string, start: number): number {
    let at = this.#firstSlot(hash);
    while (this.#slots[at + 1] !== 0) {
      const index = (this.#slots[at + 1] as number) - 1;
      if (this.#slots[at] === hash && this.#isName(index, host, start)) return this.#reaches[index] as number;
      at = this.#nextSlot(at);
    }
    return 0;
  }

  #isName(index: number, host: string, start: number): boolean {
    const name = this.#names[index] as string;
    return name.length === host.length - start && host.endsWith(name);
  }

  #firstSlot(hash: number): number {
    return (Math.imul(hash ^ (hash >>> 15), 0x9e37_79b1) >>> this.#shift) << 1;
  }

  #nextSlot(at: number): number {
    return (at + 2) & (this.#slots.length - 1);
  }
}

/** FNV-1a, one character further to the left. */
function extend(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x0100_0193);
}
