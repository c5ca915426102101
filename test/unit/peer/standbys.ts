import t from 'tap';
import { Standbys, shareOf } from '#peer/standbys.ts';
import { peerAt, peerTools } from '../../fixtures/peer.ts';
import { Sockets, until } from '../../fixtures/sockets.ts';

t.test('shareOf() gives all processes together what the host has', async (t) => {
  for (const total of [0, 1, 3, 4, 9, 100]) {
    for (const count of [1, 2, 4, 7]) {
      const shares = Array.from({ length: count }, (_, index) => shareOf(total, { index, count }));
      t.equal(
        shares.reduce((sum, share) => sum + share, 0),
        total,
      );
      t.ok(Math.max(...shares) - Math.min(...shares) <= 1);
    }
  }
  t.equal(shareOf(8, { index: 4, count: 4 }) <= 2, true);
});

t.test('Standbys keeps those of peers that stay, and lets go of the others', async (t) => {
  await using sockets = await Sockets.open();
  const tools = peerTools();
  const standbys = new Standbys({ tools: () => tools, seat: { index: 0, count: 2 } });
  const [a, b, none] = [
    peerAt('a', sockets.port, { standby: 3 }),
    peerAt('b', sockets.port, { standby: 2 }),
    peerAt('c', sockets.port),
  ];
  standbys.watch([a, b, none]);
  await until(() => a.standby === 2 && b.standby === 1);
  t.equal(none.warm, undefined);
  const { warm } = a;
  standbys.watch([a]);
  t.equal(a.warm, warm);
  t.equal(b.warm, undefined);
  await until(() => tools.ledger.open('upstream') === 2);
  standbys.stop();
  await until(() => tools.ledger.open('upstream') === 0);
  t.equal(a.standby, undefined);
});
