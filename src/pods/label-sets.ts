/**
 * Labels of pods, each set of them once: the pods of one deployment have the same, and there are thousands of them. A set goes with
 * the last pod that has it.
 */
import { hash } from 'node:crypto';
import type { Labels } from '#match/subject.ts';
import type { Words } from './words.ts';

/** A list takes half of what a Map would, and is searched as quickly where it is short. */
export class LabelSet implements Labels {
  /** What it is found by. */
  readonly key: string;
  /** Names and values by turns, sorted by name. */
  readonly list: readonly string[];
  /** How many pods have it. */
  users = 0;

  constructor(key: string, list: readonly string[]) {
    this.key = key;
    this.list = list;
  }

  get(name: string): string | undefined {
    const { list } = this;
    for (let at = 0; at < list.length; at += 2) if (list[at] === name) return list[at + 1];
    return undefined;
  }

  *[Symbol.iterator](): Generator<[name: string, value: string]> {
    const { list } = this;
    for (let at = 0; at < list.length; at += 2) yield [list[at] as string, list[at + 1] as string];
  }
}

export class LabelSets {
  readonly #sets = new Map<string, LabelSet>();
  readonly #words: Words;

  constructor(words: Words) {
    this.#words = words;
  }

  get size(): number {
    return this.#sets.size;
  }

  /** The one that has these names and values, by turns and sorted. To be given back once. */
  take(list: readonly string[]): LabelSet {
    // Of the text itself there would be as much again as of the labels.
    const key = hash('sha256', JSON.stringify(list), 'base64');
    const known = this.#sets.get(key);
    const set = known ?? new LabelSet(key, this.#shorten(list));
    if (known === undefined) this.#sets.set(key, set);
    set.users += 1;
    return set;
  }

  giveBack(set: LabelSet): void {
    set.users -= 1;
    if (set.users === 0) this.#sets.delete(set.key);
  }

  /** Names are the same words everywhere; values are too many. */
  #shorten(list: readonly string[]): readonly string[] {
    return list.map((word, at) => (at % 2 === 0 ? this.#words.same(word) : word));
  }
}
