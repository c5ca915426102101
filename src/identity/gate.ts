/**
 * Lets so many do something dear at a time, keeps so many waiting, and turns the rest away. Of those who wait a few may be of one
 * client; and where all places are taken, whoever has most of them makes room for one who has fewer, so that neither one client nor
 * one site with many addresses can keep the others out. Nothing is done for somebody who has left.
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
  /** The client that it is of, and the site that this is part of. */
  readonly client: string;
  readonly site: string;
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
   * @throws {ProxyError} `credentials_unchecked` where too many wait; `client_gone` where it is wanted no longer
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
    const ofOne = this.#queue.filter((other) => other.visitor.client === visitor.client).length;
    if (ofOne >= waitingOfOne) throw tooMany(`${waitingOfOne} passwords of one client address`);
    if (this.#queue.length >= waiting && !this.#makeRoom(visitor)) throw tooMany(`${waiting} passwords`);
    return new Promise((enter, leave) => this.#queue.push({ visitor, enter, leave }));
  }

  /** The last of the client that has most places, or else of the site, leaves where that has no fewer then than the visitor's. */
  #makeRoom(visitor: Visitor): boolean {
    for (const share of ['client', 'site'] as const) {
      const shares = Map.groupBy(this.#queue, (one) => one.visitor[share]);
      const own = shares.get(visitor[share])?.length ?? 0;
      const most = [...shares.values()].reduce((most, few) => (few.length > most.length ? few : most));
      const last = most.at(-1);
      if (last === undefined || most.length <= own + 1) continue;
      this.#queue = this.#queue.filter((one) => one !== last);
      last.leave(tooMany(`${this.#options.waiting} passwords`));
      return true;
    }
    return false;
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

function tooMany(what: string): ProxyError {
  return new ProxyError('credentials_unchecked', { detail: `${what} wait to be checked` });
}
