/** Whether a host is of no use since none of its peers is: for readiness, where it is asked for. */
import type { Peer } from './peer.ts';

/** Shorter than that may be a restart of the next tier, for which nobody should move. */
const LEAST_MS = 30_000;

/** Whether somebody looks at peers, and all of those have been down for half a minute. The others count for nothing. */
export function areAllDown(peers: Iterable<Peer>, nowMs: number): boolean {
  let isAny = false;
  for (const peer of peers) {
    if (peer.options.health === undefined) continue;
    if (peer.downMs(nowMs) < LEAST_MS) return false;
    isAny = true;
  }
  return isAny;
}
