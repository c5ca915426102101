/**
 * The upstream connections of this process that are kept and that nobody uses, in the order in which they became idle.
 * Bounded in total, since their next hops are the clients' choice; given up first when file descriptors run out. Half of their room is
 * lent to attempts to connect beyond the one that each client may have. What is on standby, by the choice of the operator, gives way to
 * neither, so that no client can have it closed.
 */
import { List, type Member } from './list.ts';

interface Idle {
  /** Its descriptor is free at once, though it may say only later that it is closed. */
  destroy(): unknown;
}

export interface Closable extends Idle, Member<Closable> {}

export class IdleSockets {
  readonly #connections = new List<Closable>();
  /** The oldest first; an array for the reasons of peer/standby.ts. */
  readonly #standby: Idle[] = [];
  readonly #max: number;
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

  /** From now on `connection` waits, before all that became idle by itself; where that makes too many, the oldest of its kind is closed. */
  addStandby(connection: Idle): void {
    this.#standby.push(connection);
    if (!this.#makeRoom()) (this.#standby.shift() as Idle).destroy();
  }

  /** It is in use, or closed. */
  deleteStandby(connection: Idle): void {
    const at = this.#standby.lastIndexOf(connection);
    if (at >= 0) this.#standby.splice(at, 1);
  }

  /** For one more attempt, which goes before what became idle by itself. @returns whether there is room for it */
  takeExtra(): boolean {
    if (this.#extras >= Math.floor(this.#max / 2)) return false;
    this.#extras += 1;
    if (this.#makeRoom()) return true;
    this.#extras -= 1;
    return false;
  }

  /** An attempt is over, or is the only one of its client. */
  giveExtraBack(): void {
    this.#extras -= 1;
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
    if (this.size + this.#extras <= this.#max) return true;
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
