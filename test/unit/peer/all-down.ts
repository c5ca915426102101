import t from 'tap';
import { areAllDown } from '#peer/all-down.ts';
import { peerAt } from '../../fixtures/peer.ts';

t.test('areAllDown() waits for half a minute, and for the last of them', async (t) => {
  const health = { intervalMs: 10_000, target: undefined };
  const [a, b, unseen] = [peerAt('a', 1, { health }), peerAt('b', 2, { health }), peerAt('c', 3)];
  a.failed('peer_timeout', 1_000);
  t.notOk(areAllDown([a, b], 90_000));
  b.failed('peer_timeout', 60_000);
  t.notOk(areAllDown([a, b], 89_999));
  t.ok(areAllDown([a, b], 90_000));
  t.ok(areAllDown([a, b, unseen], 90_000), 'of one at which nobody looks nobody would know');
  a.succeeded();
  t.notOk(areAllDown([a, b], 90_000));
  t.notOk(areAllDown([], 90_000), 'nobody is down where there is nobody');
  t.notOk(areAllDown([unseen], 90_000));
});
