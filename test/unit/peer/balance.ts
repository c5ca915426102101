import t from 'tap';
import { type Arrange, arrangeBy, isForeseeable } from '#peer/balance.ts';
import type { Peer } from '#peer/peer.ts';
import { occupy, peerAt, wish } from '../../fixtures/peer.ts';

/** One peer for each weight, called a, b, c. */
function peers(...weights: readonly number[]): Peer[] {
  return weights.map((weight, i) => peerAt('abcdef'[i] as string, i + 1, { weight }));
}

function names(ordered: readonly Peer[]): string {
  return ordered.map(({ name }) => name).join('');
}

/** Who comes first, so many times. */
function firsts(arrange: Arrange, list: readonly Peer[], times: number): string {
  return Array.from({ length: times }, () => arrange(list, wish())[0]?.name).join('');
}

t.test('failover keeps the order of the configuration', async (t) => {
  t.equal(names(arrangeBy('failover')(peers(1, 9, 1), wish())), 'abc');
});

t.test('roundRobin takes turns by weight, and nobody waits for a whole row of others', async (t) => {
  t.equal(firsts(arrangeBy('roundRobin'), peers(1, 1, 1), 6), 'abcabc');
  t.equal(firsts(arrangeBy('roundRobin'), peers(5, 1, 1), 14), 'aabacaaaabacaa');
});

t.test('roundRobin goes on with those that are left, and with all when they are back', async (t) => {
  const arrange = arrangeBy('roundRobin');
  const all = peers(1, 1, 1);
  t.equal(firsts(arrange, all, 1), 'a');
  t.equal(firsts(arrange, all.slice(0, 2), 4), 'bbab', 'it was the turn of one of them');
  t.same([...firsts(arrange, all, 3)].sort(), ['a', 'b', 'c']);
});

t.test('leastTunnels takes the less busy one of two', async (t) => {
  const [a, b, c] = peers(1, 1, 1) as [Peer, Peer, Peer];
  for (const peer of [a, a, b]) occupy(peer);
  // The first draw is a, and the second b: c is the least busy one and is not drawn.
  const draws = [0, 0];
  const arrange = arrangeBy('leastTunnels', () => draws.shift() ?? 0);
  t.equal(names(arrange([a, b, c], wish())), 'bca');
  t.equal(names(arrangeBy('leastTunnels')([a], wish())), 'a', 'one needs no draw');
});

t.test('leastTunnels keeps to weights, while all are equally busy for theirs', async (t) => {
  const list = peers(1, 2, 5);
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  const arrange = arrangeBy('leastTunnels', random);
  for (let i = 0; i < 800; i += 1) occupy(arrange(list, wish())[0] as Peer);
  const open = list.map(({ openTunnels }) => openTunnels / 800);
  for (const [i, share] of [1 / 8, 2 / 8, 5 / 8].entries())
    t.ok(Math.abs((open[i] as number) - share) < 0.03, `${open[i]} is about ${share}`);
});

t.test('leastTunnels never sends all at once to the one that has just come up', async (t) => {
  const list = peers(1, 1, 1, 1);
  for (const peer of list.slice(1)) for (let i = 0; i < 100; i += 1) occupy(peer);
  let isFirst = 0;
  for (let i = 0; i < 1_000; i += 1) if (arrangeBy('leastTunnels')(list, wish())[0] === list[0]) isFirst += 1;
  t.ok(isFirst > 350 && isFirst < 650, `half of them: ${isFirst}`);
});

t.test('sourceHash goes by the address of the client, domainHash by the host', async (t) => {
  const list = peers(1, 1, 1, 1);
  const bySource = arrangeBy('sourceHash');
  const byDomain = arrangeBy('domainHash');
  const orders = { source: new Set<string>(), domain: new Set<string>() };
  for (let i = 0; i < 50; i += 1) {
    const client = `10.0.0.${i}`;
    const host = `h${i}.example`;
    t.equal(names(bySource(list, wish('a.example', client))), names(bySource(list, wish(host, client))));
    t.equal(names(byDomain(list, wish(host))), names(byDomain(list, wish(host, client))));
    orders.source.add(names(bySource(list, wish('a.example', client))));
    orders.domain.add(names(byDomain(list, wish(host))));
  }
  t.ok(orders.source.size > 10 && orders.domain.size > 10, 'each key has an order of its own');
});

t.test('A key keeps its peer whatever becomes of the others, and whatever their order', async (t) => {
  const list = peers(1, 1, 1, 1);
  const arrange = arrangeBy('domainHash');
  for (let i = 0; i < 200; i += 1) {
    const [first, second, ...rest] = arrange(list, wish(`h${i}.example`)) as [Peer, Peer, ...Peer[]];
    t.equal(arrange(list.toReversed(), wish(`h${i}.example`))[0], first);
    t.equal(arrange([first, ...rest], wish(`h${i}.example`))[0], first);
    t.equal(arrange([...rest, second], wish(`h${i}.example`))[0], second, 'else its second choice');
  }
});

t.test('isForeseeable() tells what follows from the request alone', async (t) => {
  t.same(
    (['failover', 'roundRobin', 'leastTunnels', 'sourceHash', 'domainHash'] as const).map(isForeseeable),
    [true, false, false, true, true],
  );
});
