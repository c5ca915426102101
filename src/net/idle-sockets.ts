/**
 * The upstream connections of this process that are kept and that nobody uses, in the order in which they became idle.
 * Bounded in total, since their next hops are the clients' choice; given up first when file descriptors run out. Half of their room is
 * lent to attempts to connect beyond the one that each client may have. What is on standby, by the choice of the operator, gives way to
 * nothing, so that no client can have it closed; it has its place from before it is opened.
 */
import { List, type Member } from './list.ts';

interface Idle {
  /** Its descriptor is free at once, though it may say only later that it is closed. */
  destroy(): unknown;
}

export interface Closable extends Idle, Member<Closable> {}

export class IdleSockets {
  readonly #connections = new List<Closable>();
  /** An array for the reasons of peer/standby.ts. */
  readonly #standby: Idle[] = [];
  readonly #max: number;
  /** Places of what is still being connected. */
  #lent = 0;
  /** Those of them that are of attempts beyond the first. */
  #extras = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#connections.size + this.#standby.length;
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

  /** For one on standby that is to be opened. @returns whether there is room for it */
  takePlace(): boolean {
    this.#lent += 1;
    if (this.#makeRoom()) return true;
    this.#lent -= 1;
    return false;
  }

  /** It came to nothing. */
  givePlaceBack(): void {
    this.#lent -= 1;
  }

  /** From now on `connection` waits in the place that was taken for it. */
  addStandby(connection: Idle): void {
    this.#lent -= 1;
    this.#standby.push(connection);
  }

  /** It is in use, or closed. */
  deleteStandby(connection: Idle): void {
    const at = this.#standby.lastIndexOf(connection);
    if (at >= 0) this.#standby.splice(at, 1);
  }

  /** For one more attempt, which goes before what became idle by itself. @returns whether there is room for it */
  takeExtra(): boolean {
    if (this.#extras >= Math.floor(this.#max / 2) || !this.takePlace()) return false;
    this.#extras += 1;
    return true;
  }

  /** An attempt is over, or is the only one of its client. */
  giveExtraBack(): void {
    this.#extras -= 1;
    this.givePlaceBack();
  }

  /** @returns whether there were any */
  closeAll(): boolean {
    const { size } = this;
    while (this.#connections.size > 0) this.#closeOldest();
    for (const connection of this.#standby.splice(0)) connection.destroy();
    return size > 0;
  }

  /** @returns whether there is room now */
  #makeRoom(): boolean {
    if (this.size + this.#lent <= this.#max) return true;
    if (this.#connections.size === 0) return false;
    this.#closeOldest();
    return true;
  }

  #closeOldest(): void {
    const oldest = this.#connections.first as Closable;
    this.#connections.remove(oldest);
    oldest.destroy();
  }
}
