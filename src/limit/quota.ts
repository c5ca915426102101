/**
 * What one key of one limit has left, wherever that is counted: in this process, by the supervisor of all workers, or by a store
 * that more hosts share. Whoever takes gets an answer at once where it is known here.
 */
import type { Member } from '#net/list.ts';
import type { LimitOptions, Resource } from './options.ts';
import type { Shaper } from './shaper.ts';

export abstract class Quota implements Member<Quota> {
  /** Neighbours in the table. */
  previous: Quota | undefined = undefined;
  next: Quota | undefined = undefined;
  readonly key: string;
  /** Transactions that count on it. */
  claims = 0;
  /** Shares its bandwidth out among them, once somebody needs it. */
  shaper: Shaper | undefined = undefined;

  constructor(key: string) {
    this.key = key;
  }

  /** Takes up to `want`, of what the limit limits. @returns how much; less means that no more is there now */
  abstract take(resource: Resource, want: number): number | Promise<number>;
  /** Takes bandwidth that has been used already, whether there was any or not. */
  abstract charge(bytes: number): void;
  /** Gives back what was taken: tunnels that have ended, or what nobody used. */
  abstract giveBack(resource: Resource, amount: number): void;
  /** Milliseconds until there will be some again; undefined: nobody knows. */
  abstract retryMs(resource: Resource): number | undefined;
  /** Whether nothing tells it from a new one, so that it can be forgotten. */
  abstract get isFresh(): boolean;
}

/** Quotas of one limit by their key. */
export interface Quotas {
  of(key: string): Quota;
  /** Keys that have a quota. */
  readonly size: number;
  /** How often a key was looked for that had to share one, for want of room. */
  readonly crowded: number;
}

/** Among how many hosts each limit is shared out: at least 1. */
export type ShareOut = () => number;

/** Where limits are counted. */
export interface LimitStore {
  open(options: LimitOptions): Quotas;
}
