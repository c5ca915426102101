/** How many do something at a time, and how many more may wait for their turn: more get none. */

export interface TurnsOptions {
  readonly atOnce: number;
  readonly waiting: number;
}

export class Turns {
  readonly #options: TurnsOptions;
  readonly #queue: (() => void)[] = [];
  #taken = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Does `work` when its turn comes. @returns what it does, or undefined where there is no turn */
  async take<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    const { atOnce, waiting } = this.#options;
    if (this.#taken === atOnce) {
      if (this.#queue.length === waiting) return undefined;
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else this.#taken += 1;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      // Whoever is next has the place.
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }
}
