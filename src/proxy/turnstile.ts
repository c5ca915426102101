/**
 * How many connections a listener has at a time, altogether and of one client, counted for the host as limits are. Only for
 * listeners that bound it: the others have none, and it costs them nothing. Who comes in spite of it is told so, by an answer to its
 * request, as long as not too many have to be told at once.
 */
import type { Reason } from '#errors.ts';
import { sourceOf } from '#limit/limit.ts';
import { innerLimit, type Per } from '#limit/options.ts';
import type { LimitStore, Quota, Quotas } from '#limit/quota.ts';
import type { IpAddress } from '#net/ip.ts';
import type { Account } from '#net/ledger.ts';

/** Connections, at most; undefined: as many as there is room for. */
export interface TurnstileOptions {
  readonly maxConnections: number | undefined;
  readonly maxConnectionsPerClient: number | undefined;
}

/** Connections of one listener that may be open only to be told that they are too many. */
const MAX_TOLD = 64;

export class Turnstile {
  readonly #ofAll: Quotas | undefined;
  readonly #ofClient: Quotas | undefined;
  #told = 0;

  constructor(name: string, options: TurnstileOptions, store: LimitStore) {
    const open = (per: Per, most: number | undefined): Quotas | undefined =>
      most === undefined ? undefined : store.open(innerLimit(`@${name}`, per, most));
    this.#ofAll = open('listener', options.maxConnections);
    this.#ofClient = open('source', options.maxConnectionsPerClient);
  }

  /** Those that a connection of this client counts on, each with why there is no place. */
  placesFor(client: IpAddress): readonly Place[] {
    const places: Place[] = [];
    if (this.#ofClient !== undefined) {
      places.push({ quota: this.#ofClient.of(sourceOf(client)), reason: 'client_connections_exceeded' });
    }
    if (this.#ofAll !== undefined) places.push({ quota: this.#ofAll.of(''), reason: 'connections_exceeded' });
    return places;
  }

  /** Whether one more may stay to be told; then {@link toldOne} is to be called when it is closed. */
  tellOne(): boolean {
    if (this.#told >= MAX_TOLD) return false;
    this.#told += 1;
    return true;
  }

  toldOne(): void {
    this.#told -= 1;
  }
}

interface Place {
  readonly quota: Quota;
  readonly reason: Reason;
}

/** One connection on its way through a turnstile, and its account there and with its listener until it is closed. */
export class Visit implements Account {
  readonly #turnstile: Turnstile;
  readonly #listener: Account;
  #taken: Quota[] = [];
  #isTold = false;
  #isClosed = false;

  constructor(turnstile: Turnstile, listener: Account) {
    this.#turnstile = turnstile;
    this.#listener = listener;
  }

  /** Takes a place for a connection of `client`. @returns why there is none; undefined: it has one. At once where that is known here */
  enter(client: IpAddress): Reason | undefined | Promise<Reason | undefined> {
    return this.#enter(this.#turnstile.placesFor(client), 0);
  }

  #enter(places: readonly Place[], from: number): Reason | undefined | Promise<Reason | undefined> {
    for (let index = from; index < places.length; index += 1) {
      const { quota, reason } = places[index] as Place;
      const granted = quota.take('tunnels', 1);
      if (typeof granted !== 'number') {
        return granted.then((count) => (this.#note(quota, count) ? this.#enter(places, index + 1) : reason));
      }
      if (!this.#note(quota, granted)) return reason;
    }
    return undefined;
  }

  /** @returns whether there was a place */
  #note(quota: Quota, granted: number): boolean {
    if (granted === 0) return false;
    // It may have been closed while it waited for the answer.
    if (this.#isClosed) quota.giveBack('tunnels', 1);
    else {
      quota.claims += 1;
      this.#taken.push(quota);
    }
    return true;
  }

  /** Gives back what it has. */
  leave(): void {
    for (const quota of this.#taken) {
      quota.giveBack('tunnels', 1);
      quota.claims -= 1;
    }
    this.#taken = [];
  }

  /** Gives back what it has. @returns whether it may stay open until it is told that there is no place for it */
  leaveUntold(): boolean {
    this.leave();
    this.#isTold = this.#turnstile.tellOne();
    return this.#isTold;
  }

  /** The connection is closed. */
  countClosed(): void {
    this.#isClosed = true;
    this.leave();
    if (this.#isTold) this.#turnstile.toldOne();
    this.#listener.countClosed();
  }
}
