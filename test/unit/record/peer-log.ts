import t from 'tap';
import { PeerLog } from '#record/peer-log.ts';

const PEER = { peer: 'vm-a', address: 'vm-a.example:3128' };
const DOWN = { ...PEER, isUp: false, before: 0, reason: 'peer_timeout' } as const;
const UP = { ...PEER, isUp: true, before: 1, reason: undefined } as const;

function logAt() {
  const clock = { nowMs: 1_000 };
  const lines: unknown[][] = [];
  const write =
    (level: string) =>
    (...line: unknown[]): void =>
      void lines.push([level, ...line]);
  const log = new PeerLog({ info: write('info'), warn: write('warn') }, () => clock.nowMs);
  return { clock, lines, log };
}

t.test('PeerLog tells each change once, with why and how long', async (t) => {
  const { clock, lines, log } = logAt();
  log.found(UP);
  log.found(DOWN);
  log.found({ ...DOWN, before: 1, reason: 'peer_unavailable' });
  clock.nowMs += 2_500;
  log.found(UP);
  log.found(UP);
  t.same(lines, [
    ['warn', { ...PEER, reason: 'peer_timeout' }, 'Peer is down'],
    ['info', { ...PEER, down_ms: 2_500 }, 'Peer is back'],
  ]);
});

t.test('PeerLog keeps back what comes and goes, and tells of it when it stays', async (t) => {
  const { clock, lines, log } = logAt();
  for (let i = 0; i < 3; i += 1) {
    log.found(DOWN);
    log.found(UP);
  }
  t.equal(lines.splice(0).length, 2, 'one change and back');
  log.found(DOWN);
  log.found({ ...DOWN, before: 1 });
  t.same(lines, []);
  clock.nowMs += 10_000;
  log.found({ ...DOWN, before: 2 });
  log.found(UP);
  t.same(lines, [
    ['warn', { ...PEER, reason: 'peer_timeout', untold: 3 }, 'Peer is down'],
    ['info', { ...PEER, down_ms: 10_000 }, 'Peer is back'],
  ]);
});

t.test('PeerLog tells of one that a reload has made anew', async (t) => {
  const { clock, lines, log } = logAt();
  log.found(DOWN);
  clock.nowMs += 10_000;
  log.found(DOWN);
  t.equal(lines.length, 2);
});

t.test('PeerLog keeps peers apart', async (t) => {
  const { lines, log } = logAt();
  log.found(DOWN);
  log.found({ ...DOWN, peer: 'vm-b' });
  t.equal(lines.length, 2);
});

t.test('PeerLog has a clock of its own', async (t) => {
  let told = 0;
  const tell = (): void => {
    told += 1;
  };
  const log = new PeerLog({ info: tell, warn: tell });
  log.found(DOWN);
  log.found(UP);
  t.equal(told, 2);
});
