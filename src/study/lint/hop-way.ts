/** Which way requests go from tier 1 to tier 2, as far as the files of both tell, and what is remarked about it. */
import type { Config, ListenerOptions } from '#config/config.ts';
import type { PeerOptions } from '#peer/options.ts';
import { doorsFor } from '../doors.ts';
import type { Remark } from './finding.ts';

/** Of two neighbours in a chain, which of all its tiers they are: what they are called. */
export type TierNumbers = readonly [first: number, second: number];

/** Where no tier is ahead of the first. */
export const FIRST_TWO: TierNumbers = [1, 2];

/** A peer of tier 1 that may be tier 2, and those of tier 2's listeners that it may come to; none where that is not plain. */
export interface Way {
  readonly peer: PeerOptions;
  readonly doors: readonly ListenerOptions[];
  readonly numbers: TierNumbers;
}

/** A remark, and in whose file its place is. */
export interface HopRemark {
  readonly remark: Remark;
  readonly isOfFirst: boolean;
}

/** Peers that no route names are not used, and those without `hop` are no Weir where others have it. */
export function waysBetween(first: Config, second: Config, numbers = FIRST_TWO): Way[] {
  const used = new Set(first.routes.flatMap(({ peers }) => peers));
  const peers = Object.values(first.peers).filter(({ name }) => used.has(name));
  const hops = peers.filter(({ hop }) => hop);
  return (hops.length > 0 ? hops : peers).map((peer) => ({
    peer,
    doors: doorsFor(second.listeners, peer.address.port),
    numbers,
  }));
}
