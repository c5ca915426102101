/**
 * Lets so many do something dear at a time, keeps so many waiting, and turns the rest away. Of those who wait a few may be of one
 * client, so that it cannot keep the others out, and nothing is done for somebody who has left.
 */
import { ProxyError } from '#errors.ts';

export interface GateOptions {
  readonly atOnce: number;
  readonly waiting: number;
  /** Of those who wait. */
  readonly waitingOfOne: number;
}

/** Who comes. */
export interface Visitor {
  /** The client that it is of. */
  readonly client: string;
  /** Whether anybody still waits for what comes of it. */
  isWanted(): boolean;
}

interface Waiting {
  readonly visitor: Visitor;
  readonly enter: () => void;
  readonly leave: (why: ProxyError) => void;
}

export class Gate {
  readonly #options: GateOptions;
  #queue: Waiting[] = [];
  #running = 0;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /**
   * Does `work` when its turn comes.
   * @throws {ProxyError} `saturated` where too many wait; `client_gone` where it is wanted no longer
   */
  async pass<T>(visitor: Visitor, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.atOnce) await this.#wait(visitor);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#dismiss();
      // Its place goes to the next, if there is one.
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next.enter();
    }
  }

  #wait(visitor: Visitor): Promise<void> {
    const { waiting, waitingOfOne } = this.#options;
    this.#dismiss();
    if (this.#queue.length >= waiting)
      throw new ProxyError('saturated', { detail: `${waiting} passwords wait to be checked` });
    const ofOne = this.#queue.filter((other) => other.visitor.client === visitor.client).length;
    if (ofOne >= waitingOfOne) {
      const detail = `${waitingOfOne} passwords of one client address wait to be checked`;
      throw new ProxyError('saturated', { detail });
    }
    return new Promise((enter, leave) => this.#queue.push({ visitor, enter, leave }));
  }

  /** Those who have left give up their places. */
  #dismiss(): void {
    const isWanted = ({ visitor }: Waiting): boolean => visitor.isWanted();
    if (this.#queue.every(isWanted)) return;
    const gone = this.#queue.filter((one) => !isWanted(one));
    this.#queue = this.#queue.filter(isWanted);
    for (const { leave } of gone) leave(new ProxyError('client_gone'));
  }
}
