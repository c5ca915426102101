/** Peers that lead back to a tier that a request has come through, with a request that would go round. */
import type { Remark } from './finding.ts';
import { type WayBack, waysBack } from './way-back.ts';
import { type Way, WayTaken } from './way-taken.ts';
import { findRequest, type Witness, witnessOf } from './witness.ts';

/**
 * Remarks about peers of the last tier that lead to the first, where a request may take that way. Their places are in the last.
 * @throws {OverBudget}
 */
export function lintLoops(way: Way, nowMs: number): Remark[] {
  return waysBack(way).flatMap((back) => {
    const taken = new WayTaken(way, back.peer.name, nowMs);
    if (!taken.isPossible) return [];
    const request = findRequest(taken.space, taken.region, (subjects) => taken.shows(subjects));
    return [remarkOf(way, back, request && witnessOf(taken.space, request))];
  });
}

function remarkOf(way: Way, { peer, listener, by }: WayBack, witness: Witness | undefined): Remark {
  const [own, whose] = way.length === 1 ? ['', 'this tier itself'] : [` of tier ${way.length}`, 'tier 1'];
  const reason = by === undefined ? '' : `: ${by}`;
  return {
    code: 'loop',
    path: ['peers', peer.name, 'address'],
    message: `Peer "${peer.name}" (${peer.address.text})${own} leads back to listener "${listener.name}" of ${whose}${reason}`,
    fix: 'Give the peer the address of the next tier, or take it out of the routes',
    witness,
  };
}
