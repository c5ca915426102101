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

// Attacks: bounded.
t.test('IdleSockets lends half of its room, and no more', async (t) => {
  const idle = new IdleSockets(3);
  const [a, b, c] = [new Kept(), new Kept(), new Kept()];
  for (const connection of [a, b, c]) idle.add(connection);
  t.ok(idle.takeExtra());
  t.same([a.destroyed, b.destroyed, idle.size], [true, false, 2], 'what is idle goes first');
  t.notOk(idle.takeExtra());
  idle.add(a);
  t.same([b.destroyed, idle.size], [true, 2]);
  idle.giveExtraBack();
  idle.add(b);
  t.equal(idle.size, 3);
  t.ok(idle.takeExtra());
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
