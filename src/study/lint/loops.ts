/** Peers that lead back to a tier that a request has come through, with a request that would go round. */
import type { Remark } from './finding.ts';
import { type WayBack, waysBack } from './way-back.ts';
import { type Way, WayTaken } from './way-taken.ts';
import { findRequest, witnessOf } from './witness.ts';

/**
 * Remarks about peers of the last tier that lead to the first, where a request may take that way. Their places are in the last.
 * @param ahead how many tiers of the chain are ahead of the first
 * @throws {OverBudget}
 */
export function lintLoops(way: Way, nowMs: number, ahead = 0): Remark[] {
  const [first, last] = [ahead + 1, ahead + way.length];
  return waysBack(way).flatMap((back) => {
    const taken = new WayTaken(way, back.peer.name, nowMs);
    if (!taken.isPossible) return [];
    const request = findRequest(taken.space, taken.region, (subjects) => taken.shows(subjects));
    const witness = request && witnessOf(taken.space, request, first);
    return [{ ...loopOf(back, first, last), witness }];
  });
}

function loopOf({ peer, listener, by }: WayBack, first: number, last: number): Remark {
  const [own, whose] = first === last ? ['', 'this tier itself'] : [` of tier ${last}`, `tier ${first}`];
  const reason = by === undefined ? '' : `: ${by}`;
  return {
    code: 'loop',
    path: ['peers', peer.name, 'address'],
    message: `Peer "${peer.name}" (${peer.address.text})${own} leads back to listener "${listener.name}" of ${whose}${reason}`,
    fix: 'Give the peer the address of the next tier, or take it out of the routes',
  };
}
