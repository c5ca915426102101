/**
 * The connections of one kind that a pool has, by where they lead: an IP address that was checked, a port, and whom TLS there
 * has to be with; and by where they begin, where that is not the system's choice, as who answers may know clients by that. Each is
 * in use or idle; the idle ones are bounded together with those of the other kinds.
 */

import type { Closable, IdleSockets } from './idle-sockets.ts';
import type { Place } from './leg.ts';
import { List } from './list.ts';
import type { Racers } from './race.ts';
import type { TlsClient } from './tls-client.ts';

/** Where a connection leads, or is to lead. */
export interface NextHop extends Place {
  /** Undefined: without TLS. A new configuration of it is another one. */
  readonly tls?: TlsClient | undefined;
}

export interface Keepable extends Closable, NextHop {
  /** Whether it can still be used; what is closed may say so only later. */
  readonly isOpen: boolean;
}

/** Whoever keeps a connection. */
export interface Keeper<Connection> {
  /** The connection can take another exchange. */
  idle(connection: Connection): void;
  /** The connection is closed, or was never opened. May be told more than once. */
  over(connection: Connection): void;
  /** A new connection, in use. */
  open(place: NextHop): Connection;
}

export class KeptConnections<Connection extends Keepable> implements Keeper<Connection> {
  readonly #idleOfAll: IdleSockets;
  readonly #make: (place: NextHop, keeper: Keeper<Connection>) => Connection;
  readonly #used = new List<Closable>();
  /** By address; the one used last at the end. None of an address is left where all its connections are over. */
  readonly #idle = new Map<string, Connection[]>();

  constructor(idle: IdleSockets, make: (place: NextHop, keeper: Keeper<Connection>) => Connection) {
    this.#idleOfAll = idle;
    this.#make = make;
  }

  /** An idle one to the first of the addresses that has one, in use from now on. */
  take(place: NextHop & Racers): Connection | undefined {
    let taken = this.#takeAt(place.address, place);
    for (let i = 0; taken === undefined && i < place.others.length; i += 1)
      taken = this.#takeAt(place.others[i] as string, place);
    return taken;
  }

  /** The one used last, so that the others can grow old. */
  #takeAt(address: string, place: NextHop): Connection | undefined {
    const idle = this.#idle.get(address);
    if (idle === undefined) return undefined;
    for (let i = idle.length - 1; i >= 0; i -= 1) {
      const connection = idle[i] as Connection;
      if (!isSamePlace(connection, place) || !connection.isOpen) continue;
      idle.splice(i, 1);
      this.#idleOfAll.delete(connection);
      this.#used.add(connection);
      return connection;
    }
    return undefined;
  }

  open(place: NextHop): Connection {
    const connection = this.#make(place, this);
    this.#used.add(connection);
    return connection;
  }

  idle(connection: Connection): void {
    this.#used.remove(connection);
    const others = this.#idle.get(connection.address);
    if (others === undefined) this.#idle.set(connection.address, [connection]);
    else others.push(connection);
    this.#idleOfAll.add(connection);
  }

  over(connection: Connection): void {
    if (!this.#forgetIdle(connection)) this.#used.remove(connection);
  }

  /** @returns whether it was idle */
  #forgetIdle(connection: Connection): boolean {
    const idle = this.#idle.get(connection.address);
    if (idle === undefined) return false;
    const index = idle.indexOf(connection);
    if (index >= 0) {
      idle.splice(index, 1);
      this.#idleOfAll.delete(connection);
    }
    if (idle.length === 0) this.#idle.delete(connection.address);
    return index >= 0;
  }

  /** Breaks off every one, idle or not. */
  async destroy(): Promise<void> {
    const idle = [...this.#idle.values()].flat();
    await Promise.all([...idle, ...this.#used.members()].map((connection) => connection.destroy()));
  }
}

/** Of two that lead to the same address. */
function isSamePlace(a: NextHop, b: NextHop): boolean {
  return a.port === b.port && a.tls === b.tls && a.source === b.source;
}
