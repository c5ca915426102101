import t from 'tap';
import { IdleSockets } from '#net/idle-sockets.ts';
import { KeptConnections, type NextHop } from '#net/kept-connections.ts';
import { TlsClient } from '#net/tls-client.ts';
import { Kept } from '../../fixtures/pool.ts';

const HERE = { address: '192.0.2.1', port: 80, others: [] };

function keep(max = 512) {
  const idle = new IdleSockets(max);
  const connections = new KeptConnections<Kept>(
    idle,
    ({ address, port, ...rest }) => new Kept(address, port, rest),
  );
  /** As many that lead to a place, all idle. */
  const idleAt = (count: number, place: NextHop = HERE): Kept[] => {
    const opened = Array.from({ length: count }, () => connections.open(place));
    for (const connection of opened) connections.idle(connection);
    return opened;
  };
  return { idle, connections, idleAt };
}

t.test('take() gives the one that was used last, of those that lead there', async (t) => {
  const { idle, connections, idleAt } = keep();
  t.equal(connections.take(HERE), undefined);
  const [first, last] = idleAt(2);
  idleAt(1, { ...HERE, port: 8080 });
  const [v6] = idleAt(1, { address: '2001:db8::1', port: 80 });
  t.equal(connections.take({ ...HERE, port: 81 }), undefined);
  t.equal(connections.take({ ...HERE, address: '192.0.2.2' }), undefined);
  t.equal(connections.take({ ...HERE, address: '2001:db8::1' }), v6);
  t.equal(connections.take(HERE), last);
  t.equal(connections.take(HERE), first);
  t.equal(connections.take(HERE), undefined);
  t.equal(idle.size, 1);
  connections.idle(last as Kept);
  t.equal(connections.take(HERE), last);
});

t.test('take() gives one to the first of the addresses that has one, and to no other', async (t) => {
  const { connections, idleAt } = keep();
  const [first] = idleAt(1);
  const [second] = idleAt(1, { address: '192.0.2.2', port: 80 });
  const wanted = { address: '192.0.2.9', others: ['192.0.2.2', '192.0.2.1'], port: 80 };
  t.equal(connections.take({ ...wanted, others: ['192.0.2.8', '192.0.2.7'] }), undefined);
  t.equal(connections.take({ ...wanted, port: 81 }), undefined);
  t.equal(connections.take(wanted), second);
  t.equal(connections.take(wanted), first);
  t.equal(connections.take(wanted), undefined);
});

t.test('take() gives none that begins at another address of this host', async (t) => {
  const { connections } = keep();
  const [plain, own] = [connections.open(HERE), connections.open({ ...HERE, source: '10.0.0.5' })];
  for (const connection of [plain, own]) connections.idle(connection);
  t.equal(connections.take({ ...HERE, source: '10.0.0.6' }), undefined);
  t.equal(connections.take({ ...HERE, source: '10.0.0.5' }), own);
  t.equal(connections.take({ ...HERE, source: '10.0.0.5' }), undefined);
  t.equal(connections.take(HERE), plain);
});

t.test('take() gives no connection that is for TLS with somebody else, or for none', async (t) => {
  const { connections, idleAt } = keep();
  const [one, another] = ['a.test', 'b.test'].map(
    (serverName) => new TlsClient({ ca: '', own: undefined, serverName }),
  );
  const [plain] = idleAt(1);
  const [secure] = idleAt(1, { ...HERE, tls: one });
  t.equal(connections.take({ ...HERE, tls: another }), undefined);
  t.equal(connections.take({ ...HERE, tls: one }), secure);
  t.equal(connections.take({ ...HERE, tls: one }), undefined);
  t.equal(connections.take(HERE), plain);
});

t.test('take() passes over what is closed and has not said so', async (t) => {
  const { idle, connections, idleAt } = keep();
  const [open, closed] = idleAt(2);
  closed?.destroy();
  t.equal(connections.take(HERE), open);
  connections.over(closed as Kept);
  t.equal(idle.size, 0);
});

t.test('idle() closes the one that is idle for longest where there are too many', async (t) => {
  const { connections, idleAt } = keep(2);
  const [a, b, c] = idleAt(3);
  t.same([a?.destroyed, b?.destroyed, c?.destroyed], [true, false, false]);
  connections.over(a as Kept);
  t.equal(connections.take(HERE), c);
});

t.test('over() forgets a connection, in use or idle, however often it is told', async (t) => {
  const { idle, connections, idleAt } = keep();
  connections.over(connections.open(HERE));
  const [first, second] = idleAt(2);
  const used = connections.open(HERE);
  for (const connection of [first, first, used, used]) connections.over(connection as Kept);
  t.equal(idle.size, 1);
  t.equal(connections.take(HERE), second);
  connections.over(second as Kept);
  await connections.destroy();
  t.same([first?.destroyed, second?.destroyed, used.destroyed], [false, false, false]);
});

t.test('destroy() breaks off every connection', async (t) => {
  const { connections, idleAt } = keep();
  const all = [...idleAt(2), ...idleAt(1, { ...HERE, port: 8080 }), connections.open(HERE)];
  await connections.destroy();
  t.ok(all.every(({ destroyed }) => destroyed));
});
