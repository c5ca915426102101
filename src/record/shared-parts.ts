/**
 * Parts of lines that many records have in common, such as what a rule has decided: made once, and flat. A line of text is to V8 a tree
 * of all the pieces that it was put together of, and the way through that tree is what it costs to write it.
 */
import type { RecordEntry } from './entry.ts';

export interface PartOptions {
  /** Where such a record's part is kept: any whole number from 0 on. The latest has the place. */
  placeOf(entry: RecordEntry): number;
  /** Whether both have the same part. */
  isSame(a: RecordEntry, b: RecordEntry): boolean;
  /** Printable ASCII. */
  render(entry: RecordEntry): string;
}

interface Part {
  readonly entry: RecordEntry;
  readonly text: string;
}

/** A power of two. */
const PLACES = 64;

export class SharedParts {
  readonly #options: PartOptions;
  readonly #parts: (Part | undefined)[] = new Array(PLACES).fill(undefined);

  constructor(options: PartOptions) {
    this.#options = options;
  }

  /** The part of `entry`. */
  of(entry: RecordEntry): string {
    const place = this.#options.placeOf(entry) & (PLACES - 1);
    const known = this.#parts[place];
    if (known !== undefined && this.#options.isSame(known.entry, entry)) return known.text;
    const text = flat(this.#options.render(entry));
    this.#parts[place] = { entry, text };
    return text;
  }
}

function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
