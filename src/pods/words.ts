/** Words that thousands of pods have in common, such as their namespace, each kept once. */

/** Beyond that it begins anew: what was kept stays where it is used. */
const MAX_WORDS = 100_000;

export class Words {
  readonly #max: number;
  readonly #words = new Map<string, string>();

  constructor(max = MAX_WORDS) {
    this.#max = max;
  }

  /** The one that was given first. */
  same(word: string): string {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    if (this.#words.size >= this.#max) this.#words.clear();
    this.#words.set(word, word);
    return word;
  }
}
