import t from 'tap';
import type { Peer } from '#peer/peer.ts';
import { Selector } from '#peer/select.ts';
import { peerAt } from '../../fixtures/peer.ts';

function peers(): [Peer, Peer, Peer] {
  return [peerAt('a', 1), peerAt('b', 2), peerAt('c', 3)];
}

function names(selector: Selector, nowMs = 0): string {
  return selector
    .order(nowMs)
    .map(({ name }) => name)
    .join('');
}

t.test('failover tries the peers in the order of the configuration', async (t) => {
  const selector = new Selector(peers(), 'failover');
  t.equal(names(selector), 'abc');
  t.equal(names(selector), 'abc');
});

t.test('roundRobin begins with the next peer each time', async (t) => {
  const selector = new Selector(peers(), 'roundRobin');
  t.same(
    [1, 2, 3, 4].map(() => names(selector)),
    ['abc', 'bca', 'cab', 'abc'],
  );
});

t.test('leastTunnels begins with the peer that has the fewest', async (t) => {
  const [a, b, c] = peers();
  const selector = new Selector([a, b, c], 'leastTunnels');
  t.equal(names(selector), 'abc');
  for (const peer of [a, a, b]) peer.occupy();
  t.equal(names(selector), 'cba');
});

t.test('A single peer needs no choice', async (t) => {
  t.equal(names(new Selector([peerAt('a', 1)], 'roundRobin')), 'a');
});

t.test(
  'Peers that back off come last, in their order, and first again when their time has come',
  async (t) => {
    const [a, b, c] = peers();
    const selector = new Selector([a, b, c], 'failover');
    a.failed('peer_unavailable', 0);
    t.equal(names(selector, 499), 'bca');
    b.failed('peer_unavailable', 0);
    t.equal(names(selector, 499), 'cab');
    t.equal(names(selector, 500), 'abc');
  },
);

t.test('Peers that all back off are tried all the same', async (t) => {
  const [a, b, c] = peers();
  for (const peer of [a, b, c]) peer.failed('peer_unavailable', 0);
  t.equal(names(new Selector([a, b, c], 'failover'), 1), 'abc');
});
