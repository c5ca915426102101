/** What workers and their supervisor say to each other about limits, as structured clones and many at a time. */
import type { LimitOptions, Resource } from './options.ts';

export interface Ask {
  /**
   * `take` is answered by a {@link Grant}. `giveBack`: what nobody used, or tunnels that have ended. `charge`: bandwidth that has
   * been used already.
   */
  readonly kind: 'take' | 'giveBack' | 'charge';
  readonly limit: LimitOptions;
  readonly key: string;
  readonly resource: Resource;
  /** At least; there may be more in a grant, so that the next need not be asked for. */
  readonly amount: number;
  /** The asker's number of its quota. */
  readonly quota: number;
}

/** Tunnels of one quota that a borrower holds already, lent by somebody who is gone. */
export interface Holding {
  readonly limit: LimitOptions;
  readonly key: string;
  /** As in {@link Ask}. */
  readonly quota: number;
  readonly count: number;
}

export interface Grant {
  readonly quota: number;
  readonly resource: Resource;
  /** Less than was asked for: there is no more now. */
  readonly granted: number;
  readonly retryMs: number | undefined;
}
