/** Lets so many do something dear at a time, keeps so many waiting, and turns the rest away. */
import { ProxyError } from '#errors.ts';

export interface GateOptions {
  readonly atOnce: number;
  readonly waiting: number;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Does `work` when its turn comes. @throws {ProxyError} `saturated` where too many wait */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    const { atOnce, waiting } = this.#options;
    if (this.#running >= atOnce) {
      if (this.#queue.length >= waiting)
        throw new ProxyError('saturated', { detail: `${waiting} passwords wait to be checked` });
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      // Its place goes to the next, if there is one.
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
