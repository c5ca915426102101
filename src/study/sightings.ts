/** How often something was seen, and when first and last; and tables of such things that do not grow without end. */

export interface Sightings {
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Sightings that are being added to. */
export class Tally implements Sightings {
  count = 0;
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;

  add(atMs: number): void {
    this.count += 1;
    if (atMs < this.firstMs) this.firstMs = atMs;
    if (atMs > this.lastMs) this.lastMs = atMs;
  }
}

export interface TableRow {
  readonly row: readonly string[];
  readonly seen: Sightings;
}

/** Rows by their texts. Beyond `limit` rows new ones are counted together, and nothing is lost without a word. */
export class SightingTable {
  readonly #limit: number;
  readonly #rows = new Map<string, Tally>();
  /** Those that found no room. */
  readonly beyond = new Tally();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Whether there was room for it. */
  add(row: readonly string[], atMs: number): boolean {
    const key = JSON.stringify(row);
    const known = this.#rows.get(key) ?? this.#insert(key);
    (known ?? this.beyond).add(atMs);
    return known !== undefined;
  }

  #insert(key: string): Tally | undefined {
    if (this.#rows.size >= this.#limit) return undefined;
    const tally = new Tally();
    // A copy: cut out of a line, the text would keep alive all that was read with that line.
    this.#rows.set(Buffer.from(key).toString(), tally);
    return tally;
  }

  /** All rows, those seen most often first, then by their texts. */
  rows(): TableRow[] {
    return [...this.#rows]
      .sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
      .map(([key, seen]) => ({ row: JSON.parse(key), seen }));
  }
}

/** All sightings together. */
export function mergeSightings(parts: readonly Sightings[]): Sightings {
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    firstMs: parts.reduce((first, { firstMs }) => Math.min(first, firstMs), Number.POSITIVE_INFINITY),
    lastMs: parts.reduce((last, { lastMs }) => Math.max(last, lastMs), Number.NEGATIVE_INFINITY),
  };
}
