/** A connection to a peer that was opened ahead, and who has such. */
import type { Leg } from '#net/leg.ts';

export interface WarmLeg {
  readonly leg: Leg;
  /** Address of the peer that was dialled. */
  readonly address: string;
}

export interface WarmLegs {
  /** How many are ready. */
  readonly size: number;
  /** How many should be. */
  readonly wanted: number;
  /** One that is ready; the caller's, and in nobody's charge. */
  take(): WarmLeg | undefined;
}
