/** What peers have to do with readiness: nothing, unless the configuration says so (`admin.readiness`). Liveness never. */
import type { Config } from '#config/config.ts';
import { areAllDown } from '#peer/all-down.ts';
import type { Peer } from '#peer/peer.ts';

/** Why this host should get no traffic, as far as its peers go. */
export function peersAtFault({ readiness }: Config['admin'], peers: Iterable<Peer>): string[] {
  const isOver = readiness === 'peers' && areAllDown(peers, performance.now());
  return isOver ? ['all peers are down'] : [];
}
