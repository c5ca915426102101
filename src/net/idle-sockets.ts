/**
 * The upstream connections of this process that are kept and that nobody uses, in the order in which they became idle.
 * Bounded in total, since their next hops are the clients' choice; given up first when file descriptors run out. Half of their room is
 * lent to attempts to connect beyond the one that each client may have.
 */
import { List, type Member } from './list.ts';

export interface Closable extends Member<Closable> {
  /** Its descriptor is free at once, though it may say only later that it is closed. */
  destroy(): unknown;
}

export class IdleSockets {
  readonly #connections = new List<Closable>();
  readonly #max: number;
  #extras = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#connections.size;
  }

  /** From now on `connection` is idle; where that makes too many, the one that is idle for longest is closed. */
  add(connection: Closable): void {
    this.#connections.add(connection);
    this.#makeRoom();
  }

  /** It is in use again, or closed. */
  delete(connection: Closable): void {
    this.#connections.remove(connection);
  }

  /** For one more attempt, which goes before what is idle. @returns whether there is room for it */
  takeExtra(): boolean {
    if (this.#extras >= Math.floor(this.#max / 2)) return false;
    this.#extras += 1;
    this.#makeRoom();
    return true;
  }

  /** An attempt is over, or is the only one of its client. */
  giveExtraBack(): void {
    this.#extras -= 1;
  }

  /** @returns whether there were any */
  closeAll(): boolean {
    const { size } = this.#connections;
    while (this.#connections.size > 0) this.#closeOldest();
    return size > 0;
  }

  #makeRoom(): void {
    if (this.#connections.size + this.#extras > this.#max) this.#closeOldest();
  }

  #closeOldest(): void {
    const oldest = this.#connections.first as Closable;
    this.#connections.remove(oldest);
    oldest.destroy();
  }
}
