import t from 'tap';
import { BufferPool } from '#net/buffers.ts';
import type { SocketLeg } from '#net/socket-leg.ts';
import { Keeper } from '../../fixtures/keeper.ts';
import { needProc } from '../../fixtures/process-state.ts';
import { CountedAccount, receive, Sockets, turns, until } from '../../fixtures/sockets.ts';
import { isKeptAlive } from '../../fixtures/tcp-state.ts';

/** More than the kernel keeps for a connection. */
const MUCH = 12 * 1024 * 1024;

/** A leg that is counted and kept, and reads; with the far end of it. */
async function openLeg(sockets: Sockets) {
  const [account, keeper] = [new CountedAccount(), new Keeper()];
  const { leg, far } = await sockets.leg('socket', new BufferPool(), account);
  leg.attach(keeper);
  return { leg: leg as SocketLeg, far, account, keeper };
}

t.test('SocketLeg passes bytes and ends both ways, and counts them', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, account, keeper } = await openLeg(sockets);
  const received = receive(far);
  t.ok(leg.write(Buffer.from('o'), Buffer.from('n')));
  t.ok(leg.write(Buffer.from('e ')));
  leg.writeText('t\xf4w');
  t.equal(leg.pendingBytes, 0);
  t.same(leg.remote, { address: '127.0.0.1', port: sockets.port });
  leg.end();
  t.ok(leg.writableEnded);
  t.same(await received, { bytes: Buffer.from('one t\xf4w', 'latin1'), ending: 'end' });
  far.end('three');
  await until(() => leg.closed);
  t.equal(keeper.text, 'three');
  t.same(keeper.heard, ['end', 'close cleanly']);
  t.equal(leg.received, 5);
  t.equal(leg.sent, 7);
  t.equal(account.closed, 1);
  t.equal(leg.remote, undefined);
  t.notOk(leg.write(Buffer.from('late')));
  leg.writeText('late');
  leg.resume();
});

t.test('SocketLeg tells of a drain when all that was written is taken, and not before', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, keeper } = await openLeg(sockets);
  far.pause();
  t.notOk(leg.write(Buffer.alloc(MUCH)));
  t.notOk(leg.write(Buffer.alloc(1)));
  await turns();
  t.same(keeper.heard, []);
  const received = receive(far);
  await until(() => leg.pendingBytes === 0);
  await turns();
  t.same(keeper.heard, ['drain']);
  leg.destroySoon();
  t.equal((await received).bytes.length, MUCH + 1);
  await until(() => leg.closed);
});

t.test('SocketLeg is reset at once, or as soon as its FIN is sent', async (t) => {
  await using sockets = await Sockets.open();
  for (const isEnding of [false, true]) {
    const { leg, far, account } = await openLeg(sockets);
    far.resume();
    const closed = new Promise((resolve) => far.once('close', resolve));
    if (isEnding) leg.end();
    leg.reset();
    leg.reset();
    await until(() => leg.closed);
    leg.reset();
    far.destroy();
    await closed;
    t.equal(account.closed, 1);
  }
});

t.test('SocketLeg closes with the error of a connection that breaks', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, account, keeper } = await openLeg(sockets);
  far.resetAndDestroy();
  await until(() => leg.closed);
  t.same(keeper.heard, ['close ECONNRESET']);
  t.equal(account.closed, 1);
});

t.test('SocketLeg has the kernel ask whether the far end is there', async (t) => {
  if (!needProc(t)) return;
  await using sockets = await Sockets.open();
  const { leg, far } = await openLeg(sockets);
  t.notOk(isKeptAlive(far));
  leg.keepAlive(60_000);
  t.ok(isKeptAlive(far));
  leg.destroy();
  t.ok(leg.destroyed);
});
