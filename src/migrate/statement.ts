/** What a squid.conf is made of once it has been read: one directive with its words, and where it stands. */

/** One word of a line. */
export interface Word {
  /** Without its quotes. */
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Where something was written. */
export interface Place {
  readonly file: string;
  /** From 1; the first one where a line goes on over several. */
  readonly line: number;
}

/** One directive. */
export interface Statement extends Place {
  readonly name: string;
  /** What follows the name. */
  readonly words: readonly Word[];
  /** Of an `include` that cannot be read, why; all others are gone once they have been followed. */
  readonly lost?: string;
}

/** The words of a statement from `index` on, as texts. */
export function textsOf({ words }: Statement, index = 0): string[] {
  return words.slice(index).map(({ text }) => text);
}

/** One word of a statement; empty where there is none. */
export function wordAt({ words }: Statement, index: number): string {
  return words[index]?.text ?? '';
}
