import t from 'tap';
import { buildPeers, Peer } from '#peer/peer.ts';
import type { PeerReport } from '#peer/peer-watch.ts';
import { occupy, peerOptions } from '../../fixtures/peer.ts';

const OPTIONS = peerOptions('vm-a', 3128);

function report(failures: number, isUnreached = false): PeerReport {
  return { name: 'vm-a', failures, ejectedMs: 0, stands: false, isUnreached };
}

t.test('Peer counts what goes through it until each is released, once', async (t) => {
  const peer = new Peer(OPTIONS);
  t.equal(peer.name, 'vm-a');
  const [first, second] = [occupy(peer), occupy(peer)];
  t.equal(peer.openTunnels, 2);
  first();
  first();
  t.equal(peer.openTunnels, 1);
  second();
  t.equal(peer.openTunnels, 0);
});

t.test('Peer that was never tried counts as up', async (t) => {
  const peer = new Peer(OPTIONS);
  t.ok(peer.isUp);
  t.ok(peer.isDue(0));
});

t.test('Peer that fails backs off, twice as long each time, and is then ejected', async (t) => {
  const ejections: [string, number][] = [];
  const peer = new Peer(OPTIONS, { onEjected: (name, forMs) => void ejections.push([name, forMs]) });
  let nowMs = 1_000;
  for (const waitMs of [500, 1_000, 2_000, 4_000, 5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    peer.failed('peer_unavailable', nowMs);
    t.notOk(peer.isUp);
    t.notOk(peer.isDue(nowMs + waitMs - 1), `not before ${waitMs} ms`);
    nowMs += waitMs;
    t.ok(peer.isDue(nowMs), `after ${waitMs} ms`);
  }
  t.equal(ejections.length, 6);
  t.same(ejections[0], ['vm-a', 5_000]);
  for (let i = 0; i < 2_000; i += 1) peer.failed('peer_unavailable', nowMs);
  t.ok(peer.isDue(nowMs + 60_000), 'however often it failed');
});

t.test('Peer that fails more often than not is ejected, and a success does not end it', async (t) => {
  const told: PeerReport[] = [];
  const peer = new Peer(OPTIONS, { onHealth: (report) => void told.push(report) });
  for (let i = 0; i < 11; i += 1) {
    peer.failed('peer_timeout', 0);
    peer.succeeded();
    if (i % 5 === 4) peer.failed('peer_timeout', 0);
  }
  t.notOk(peer.isDue(4_999));
  peer.succeeded();
  t.ok(peer.isUp);
  t.notOk(peer.isDue(4_999), 'it stands');
  t.ok(peer.isEjected(4_999));
  t.ok(peer.isDue(5_000));
  t.notOk(peer.isEjected(5_000));
  const other = new Peer(OPTIONS);
  for (const report of told) other.learn(report, 0);
  t.notOk(other.isDue(4_999), 'and others are told');
});

t.test('Peer knows how long it has been down', async (t) => {
  const peer = new Peer(OPTIONS);
  t.equal(peer.downMs(9_000), 0);
  peer.failed('peer_timeout', 1_000);
  peer.failed('peer_timeout', 3_000);
  t.equal(peer.downMs(9_000), 8_000);
  peer.succeeded();
  t.equal(peer.downMs(9_000), 0);
});

t.test('Peer takes no more than there is room for, and gives it back once', async (t) => {
  let left = 1;
  const take = (): boolean => {
    if (left === 0) return false;
    left -= 1;
    return true;
  };
  const giveBack = (): void => {
    left += 1;
  };
  const peer = new Peer(OPTIONS, { slots: { take, giveBack } });
  const release = occupy(peer);
  t.equal(peer.enter(), undefined);
  release();
  release();
  t.equal(left, 1);
  const asking = new Peer(OPTIONS, { slots: { take: async () => take(), giveBack } });
  const later = await asking.enter();
  t.equal(asking.openTunnels, 1);
  t.equal(await asking.enter(), undefined);
  later?.();
  t.same([asking.openTunnels, left], [0, 1]);
});

t.test('Peer that succeeds is up at once, and its next fault is the first again', async (t) => {
  const peer = new Peer(OPTIONS);
  for (let i = 0; i < 5; i += 1) peer.failed('peer_timeout', 0);
  peer.succeeded();
  t.ok(peer.isUp);
  t.ok(peer.isDue(0));
  peer.failed('peer_timeout', 0);
  t.ok(peer.isDue(500));
});

t.test('Peer tells of each fault', async (t) => {
  const faults: string[][] = [];
  const peer = new Peer(OPTIONS, { onFault: (name, reason) => void faults.push([name, reason]) });
  peer.failed('peer_timeout', 0);
  peer.failed('peer_terminated', 0);
  t.same(faults, [
    ['vm-a', 'peer_timeout'],
    ['vm-a', 'peer_terminated'],
  ]);
});

t.test('Peer tells of its health when that is news, not with each fault', async (t) => {
  const told: [string, number][] = [];
  const peer = new Peer(OPTIONS, { onHealth: ({ name, failures }) => void told.push([name, failures]) });
  peer.succeeded();
  t.same(told, [], 'it was up');
  peer.failed('peer_timeout', 0);
  peer.failed('peer_timeout', 100);
  t.same(told.splice(0), [['vm-a', 1]], 'it backs off already');
  peer.failed('peer_timeout', 1_100);
  t.same(told.splice(0), [['vm-a', 3]], 'it was tried again in vain');
  peer.succeeded();
  peer.succeeded();
  t.same(told, [['vm-a', 0]]);
});

t.test('Peer knows whether it could be connected to, by what was found out last', async (t) => {
  const peer = new Peer(OPTIONS);
  t.notOk(peer.isUnreached);
  const ends = {
    'a connection': () => peer.reached(),
    'an answer': () => peer.succeeded(),
    'another kind of fault': () => peer.failed('peer_faulty', 0),
    'what others say': () => peer.learn(report(0), 0),
  };
  for (const [what, end] of Object.entries(ends)) {
    peer.failed('peer_timeout', 0, true);
    t.ok(peer.isUnreached);
    t.ok(peer.report(0).isUnreached);
    end();
    t.notOk(peer.isUnreached, what);
    t.notOk(peer.report(0).isUnreached);
  }
});

t.test('Peer learns from others whether it could be connected to, where that is news', async (t) => {
  const peer = new Peer(OPTIONS);
  peer.learn(report(1, true), 0);
  t.ok(peer.isUnreached);
  peer.reached();
  peer.learn(report(1, true), 0);
  t.notOk(peer.isUnreached, 'a word that comes back');
  peer.learn(report(2, true), 0);
  t.ok(peer.isUnreached);
  peer.learn(report(3), 0);
  t.notOk(peer.isUnreached);
});

t.test('Peer learns from others, and tells nobody', async (t) => {
  const peer = new Peer(OPTIONS, { onHealth: () => t.fail('it told') });
  peer.learn(report(2), 0);
  t.notOk(peer.isUp);
  t.same([peer.report(0).failures, peer.isDue(999), peer.isDue(1_000)], [2, false, true]);
  peer.learn(report(1), 900);
  peer.learn(report(2), 900);
  t.ok(peer.isDue(1_000), 'what it knows is no news');
  peer.learn(report(3), 1_000);
  t.same([peer.isDue(2_999), peer.isDue(3_000)], [false, true]);
  peer.learn(report(0), 1_000);
  t.same([peer.isUp, peer.isDue(1_000)], [true, true]);
});

t.test('Peer tells how it was found, by itself or by others', async (t) => {
  const found: unknown[][] = [];
  const peer = new Peer(OPTIONS, { onFound: ({ isUp, reason }) => void found.push([isUp, reason]) });
  peer.succeeded();
  peer.failed('peer_timeout', 0);
  peer.failed('peer_terminated', 100);
  t.same(found.splice(0), [[false, 'peer_timeout']], 'while it backs off no more');
  t.equal(peer.report(0).reason, 'peer_terminated');
  peer.succeeded();
  peer.learn({ ...report(1), reason: 'peer_unavailable' }, 0);
  peer.learn(report(0), 0);
  t.same(
    found.map(([isUp]) => isUp),
    [true, false, true],
  );
  t.match(found[1], [false, 'peer_unavailable']);
});

t.test('buildPeers() keeps the peers whose settings are unchanged, with their state', async (t) => {
  const before = buildPeers([OPTIONS, peerOptions('vm-b', 3128)]);
  occupy(before.get('vm-a') as Peer);
  const changed = peerOptions('vm-b', 3128, { hop: false });
  const after = buildPeers([changed, peerOptions('vm-a', 3128), peerOptions('vm-c', 1)], {
    previous: before,
  });
  t.same([...after.keys()], ['vm-b', 'vm-a', 'vm-c']);
  t.equal(after.get('vm-a'), before.get('vm-a'));
  t.equal(after.get('vm-a')?.openTunnels, 1);
  t.not(after.get('vm-b'), before.get('vm-b'));
  t.equal(after.get('vm-b')?.options, changed);
});
