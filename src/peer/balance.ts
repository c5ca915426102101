/**
 * The ways to share requests out among peers: for each one function that puts those of a route in the order in which a request
 * tries them. Whether a peer rests or is full is not asked here.
 */
import type { Subject } from '#match/subject.ts';
import type { Balance } from './options.ts';
import type { Peer } from './peer.ts';
import { hashOf, lotOf } from './rendezvous.ts';

/** What of a request a choice may go by. */
export type Wish = Pick<Subject, 'clientAddress' | 'host'>;

/** All of `peers`, of which there are some, best first. */
export type Arrange = (peers: readonly Peer[], wish: Wish) => readonly Peer[];

/** A way of one route, with its memory where it has one. `random` gives numbers from 0 to 1, without 1. */
export function arrangeBy(balance: Balance, random: () => number = Math.random): Arrange {
  switch (balance) {
    case 'failover':
      return (peers) => peers;
    case 'roundRobin':
      return takingTurns();
    case 'leastTunnels':
      return byTwoChoices(random);
    case 'sourceHash':
      return byLot(({ clientAddress }) => clientAddress.text);
    case 'domainHash':
      return byLot(({ host }) => host.text);
  }
}

/** Whether the order follows from the request alone, so that it can be told before. */
export function isForeseeable(balance: Balance): boolean {
  return balance === 'sourceHash' || balance === 'domainHash' || balance === 'failover';
}

/**
 * Smooth weighted turns: each peer earns its weight each time, the richest one's turn it is, and it pays for all. So a peer of
 * weight 3 beside one of 1 is not asked three times in a row.
 */
function takingTurns(): Arrange {
  const earned = new WeakMap<Peer, number>();
  const purseOf = (peer: Peer): number => earned.get(peer) ?? 0;
  return (peers) => {
    let total = 0;
    for (const peer of peers) {
      total += peer.options.weight;
      earned.set(peer, purseOf(peer) + peer.options.weight);
    }
    const ordered = peers.toSorted((a, b) => purseOf(b) - purseOf(a));
    const next = ordered[0] as Peer;
    earned.set(next, purseOf(next) - total);
    return ordered;
  };
}

/**
 * Of two that are drawn, the less busy one: nearly as even as the least busy of all, and never does everybody run to the one that
 * has just come up (M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing").
 */
function byTwoChoices(random: () => number): Arrange {
  return (peers) => {
    if (peers.length === 1) return peers;
    const one = drawn(peers, undefined, random);
    const other = drawn(peers, one, random);
    const first = loadOf(other) < loadOf(one) ? other : one;
    const rest = peers.filter((peer) => peer !== first).sort((a, b) => loadOf(a) - loadOf(b));
    return [first, ...rest];
  };
}

/** By weight, and never `except`. */
function drawn(peers: readonly Peer[], except: Peer | undefined, random: () => number): Peer {
  let total = 0;
  for (const peer of peers) if (peer !== except) total += peer.options.weight;
  let left = random() * total;
  let last = peers[0] as Peer;
  for (const peer of peers) {
    if (peer === except) continue;
    last = peer;
    left -= peer.options.weight;
    if (left < 0) break;
  }
  return last;
}

/** As it would be with one more. */
function loadOf({ openTunnels, options }: Peer): number {
  return (openTunnels + 1) / options.weight;
}

/** The same key always leads to the same peer, while that one may be asked. */
function byLot(keyOf: (wish: Wish) => string): Arrange {
  return (peers, wish) => {
    const hash = hashOf(keyOf(wish));
    const lots = new Map(peers.map((peer) => [peer, lotOf(hash, peer.entrant)]));
    return peers.toSorted((a, b) => (lots.get(b) as number) - (lots.get(a) as number));
  };
}
