/**
 * A set of marks, eight bytes each, that are as good as random: an open-addressing table of bounded size, since a Set of strings
 * would take ten times the memory.
 */

const FIRST_BITS = 8;

export class MarkSet {
  readonly #maxSize: number;
  #bits = FIRST_BITS;
  /** Two words for each place; both 0: free. */
  #words = new Int32Array(2 << FIRST_BITS);
  #size = 0;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  get isFull(): boolean {
    return this.#size >= this.#maxSize;
  }

  /** Whether the mark at `at` is in it. */
  has(bytes: Buffer, at: number): boolean {
    const high = bytes.readInt32LE(at);
    return this.#words[this.#placeOf(high, lowOf(bytes, at)) + 1] !== 0;
  }

  /** Puts the mark at `at` in; a full set takes no more. @returns whether it was not in before */
  add(bytes: Buffer, at: number): boolean {
    const high = bytes.readInt32LE(at);
    const low = lowOf(bytes, at);
    const place = this.#placeOf(high, low);
    if (this.#words[place + 1] !== 0) return false;
    if (this.isFull) return true;
    this.#words[place] = high;
    this.#words[place + 1] = low;
    this.#size += 1;
    // Half full at most, so that a probe ends after two places on average.
    if (this.#size * 2 > 1 << this.#bits) this.#grow();
    return true;
  }

  /** Where it is, or else the free place where it would be. */
  #placeOf(high: number, low: number): number {
    const words = this.#words;
    const last = words.length - 1;
    let place = (high << 1) & last;
    while (words[place + 1] !== 0 && (words[place] !== high || words[place + 1] !== low))
      place = (place + 2) & last;
    return place;
  }

  #grow(): void {
    const before = this.#words;
    this.#bits += 1;
    this.#words = new Int32Array(2 << this.#bits);
    for (let i = 0; i < before.length; i += 2) {
      const [high, low] = [before[i] as number, before[i + 1] as number];
      if (low === 0) continue;
      const place = this.#placeOf(high, low);
      this.#words[place] = high;
      this.#words[place + 1] = low;
    }
  }
}

/** Never 0, which is a free place. */
function lowOf(bytes: Buffer, at: number): number {
  return bytes.readInt32LE(at + 4) || 1;
}
