import t from 'tap';
import { ProxyError } from '#errors.ts';
import type { Peer } from '#peer/peer.ts';
import { Selector } from '#peer/select.ts';
import { occupy, peerAt, wish } from '../../fixtures/peer.ts';

function peers(): [Peer, Peer, Peer] {
  return [peerAt('a', 1), peerAt('b', 2), peerAt('c', 3)];
}

function names(selector: Selector, nowMs = 0): string {
  return selector
    .order(nowMs, wish())
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

t.test('leastTunnels begins with the peer that has fewer', async (t) => {
  const [a, b] = peers();
  const selector = new Selector([a, b], 'leastTunnels');
  occupy(a);
  t.equal(names(selector), 'ba');
  occupy(b);
  occupy(b);
  t.equal(names(selector), 'ab');
});

t.test('A single peer needs no choice, and is no new list', async (t) => {
  const only = [peerAt('a', 1)];
  t.equal(new Selector(only, 'roundRobin').order(0, wish()), only);
  t.same(new Selector([], 'roundRobin').order(0, wish()), []);
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

t.test('Peers that all back off, or are ejected, are tried all the same', async (t) => {
  const [a, b, c] = peers();
  for (const peer of [a, b, c]) for (let i = 0; i < 9; i += 1) peer.failed('peer_unavailable', 0);
  const selector = new Selector([a, b, c], 'failover');
  t.equal(names(selector, 1), 'abc');
  t.ok(selector.isDegraded(1));
  b.succeeded();
  t.notOk(selector.isDegraded(1), 'one that does not rest is enough');
});

t.test('A sticky key comes back to its peer with it', async (t) => {
  const [a, b, c] = peers();
  const selector = new Selector([a, b, c], 'domainHash');
  const [first, second] = selector.order(0, wish()) as [Peer, Peer];
  first.failed('peer_unavailable', 0);
  t.equal(selector.order(1, wish())[0], second);
  t.equal(selector.order(1, wish()).at(-1), first);
  first.succeeded();
  t.equal(selector.order(1, wish())[0], first);
});

t.test('mayRetry() is for faults of peers, and what was heard by one is counted', async (t) => {
  let refused = 0;
  const selector = new Selector(peers(), 'failover', {
    onRetryRefused: () => {
      refused += 1;
    },
  });
  t.notOk(selector.mayRetry(new ProxyError('peer_refused'), 0));
  t.notOk(selector.mayRetry(new ProxyError('saturated'), 0));
  const heard = new ProxyError('peer_terminated');
  const allowed = Array.from({ length: 30 }, () => selector.mayRetry(heard, 0)).filter(Boolean);
  t.equal(allowed.length, 10);
  t.equal(refused, 20, 'and of what the budget refuses somebody is told');
  t.ok(selector.mayRetry(new ProxyError('peer_unavailable'), 0), 'nobody heard it');
  const cause = new ProxyError('connection_timeout');
  t.ok(selector.mayRetry(new ProxyError('peer_timeout', { cause }), 0), 'nor this, sent into the dark');
  t.notOk(selector.mayRetry(new ProxyError('peer_timeout'), 0), 'which was asked, and did not answer');
});

t.test('foreseen() tells the order where it follows from the request, else that of the file', async (t) => {
  const list = peers();
  const foreseen = (balance: 'roundRobin' | 'leastTunnels' | 'domainHash'): readonly Peer[] =>
    new Selector(list, balance).foreseen(wish());
  t.equal(foreseen('roundRobin'), list);
  t.equal(foreseen('leastTunnels'), list);
  t.same(foreseen('domainHash'), new Selector(list, 'domainHash').order(0, wish()));
  t.same(new Selector([], 'domainHash').foreseen(wish()), []);
});
