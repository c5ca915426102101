import t from 'tap';
import { IdleSockets } from '#net/idle-sockets.ts';
import { Kept } from '../../fixtures/pool.ts';

// Attacks: bounded.
t.test('IdleSockets closes the one that is idle for longest where there are too many', async (t) => {
  const idle = new IdleSockets(2);
  const [a, b, c, d] = [new Kept(), new Kept(), new Kept(), new Kept()];
  for (const connection of [a, b]) idle.add(connection);
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
  const [used, unused, other] = [new Kept(), new Kept(), new Kept()];
  for (const connection of [used, unused, other]) idle.add(connection);
  idle.delete(used);
  t.ok(idle.closeAll());
  t.same([used.destroyed, unused.destroyed, other.destroyed, idle.size], [false, true, true, 0]);
  t.notOk(idle.closeAll(), 'there are none left');
});
