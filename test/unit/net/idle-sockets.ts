import t from 'tap';
import { IdleSockets } from '#net/idle-sockets.ts';
import { Kept } from '../../fixtures/pool.ts';

/** One that was opened for it. @returns whether there was room */
function standBy(idle: IdleSockets, connection: Kept): boolean {
  const hasRoom = idle.takePlace();
  if (hasRoom) idle.addStandby(connection);
  return hasRoom;
}

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

t.test('IdleSockets keeps a place for what is being opened, until that comes to nothing', async (t) => {
  const idle = new IdleSockets(2);
  const [a, b] = [new Kept(), new Kept()];
  for (const connection of [a, b]) idle.add(connection);
  t.ok(idle.takePlace());
  t.same([a.destroyed, idle.size], [true, 1]);
  t.ok(idle.takePlace());
  t.notOk(idle.takePlace());
  t.notOk(idle.takeExtra());
  idle.givePlaceBack();
  t.ok(idle.takeExtra());
});

// Attacks: bounded.
t.test('IdleSockets closes nothing on standby for others, whatever becomes idle', async (t) => {
  const idle = new IdleSockets(3);
  const [ready, other, a, b, c] = [new Kept(), new Kept(), new Kept(), new Kept(), new Kept()];
  standBy(idle, ready);
  for (const connection of [a, b, c]) idle.add(connection);
  t.same([ready.destroyed, a.destroyed, b.destroyed, idle.size], [false, true, false, 3]);
  t.ok(standBy(idle, other));
  t.same([ready.destroyed, b.destroyed, c.destroyed, idle.size], [false, true, false, 3]);
  t.ok(idle.takeExtra());
  t.same([ready.destroyed, other.destroyed, c.destroyed, idle.size], [false, false, true, 2]);
  idle.giveExtraBack();
  idle.deleteStandby(other);
  idle.deleteStandby(other);
  t.equal(idle.size, 1);
});

// Attacks: bounded.
t.test('IdleSockets has as many on standby as it has room for, and lends none of theirs', async (t) => {
  const idle = new IdleSockets(2);
  const [first, second, third, kept] = [new Kept(), new Kept(), new Kept(), new Kept()];
  for (const connection of [first, second]) t.ok(standBy(idle, connection));
  idle.add(kept);
  t.same([kept.destroyed, first.destroyed, idle.size], [true, false, 2], 'who came last has no room');
  t.notOk(idle.takeExtra());
  t.notOk(standBy(idle, third), 'nor is one opened to have another one closed');
  t.same([first.destroyed, second.destroyed, idle.size], [false, false, 2]);
  idle.deleteStandby(first);
  t.ok(standBy(idle, third));
  t.ok(idle.closeAll(), 'but all of them where descriptors run out');
  t.same([second.destroyed, third.destroyed, idle.size], [true, true, 0]);
  t.ok(idle.takeExtra(), 'a refused attempt holds nothing');
});
