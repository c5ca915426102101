import { Socket } from 'node:net';
import t from 'tap';
import { IdleSockets } from '#net/idle-sockets.ts';

t.test('IdleSockets closes the one that is idle for longest where there are too many', async (t) => {
  const idle = new IdleSockets(2);
  const [a, b, c, d] = [new Socket(), new Socket(), new Socket(), new Socket()];
  for (const socket of [a, b]) idle.add(socket);
  t.notOk(a.destroyed);
  idle.add(c);
  t.same([a.destroyed, b.destroyed, c.destroyed, idle.size], [true, false, false, 2]);
  idle.delete(b);
  idle.add(b);
  idle.add(d);
  t.same([b.destroyed, c.destroyed, d.destroyed, idle.size], [false, true, false, 2], 'b was in use since');
});

t.test('IdleSockets forgets those in use', async (t) => {
  const idle = new IdleSockets(512);
  const [used, unused] = [new Socket(), new Socket()];
  for (const socket of [used, unused]) idle.add(socket);
  idle.delete(used);
  t.ok(idle.closeAll());
  t.same([used.destroyed, unused.destroyed, idle.size], [false, true, 0]);
  t.notOk(idle.closeAll(), 'there are none left');
});
