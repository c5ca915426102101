import t from 'tap';
import { Gate, type Visitor } from '#identity/gate.ts';

const visitorOf = (client: string, site = client): Visitor => ({ client, site, isWanted: () => true });
const A = visitorOf('a');
const B = visitorOf('b');

t.test('Gate lets so many in, keeps so many waiting, and turns the rest away', async (t) => {
  const gate = new Gate({ atOnce: 2, waiting: 1, waitingOfOne: 1 });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string, visitor = A) =>
    gate.pass(visitor, () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    });
  const first = work('a');
  const second = work('b');
  const third = work('c');
  t.same(begun, ['a', 'b']);
  await t.rejects(work('d', B), {
    reason: 'credentials_unchecked',
    message: '1 passwords wait to be checked',
  });
  ends.get('b')?.();
  t.equal(await second, 'b');
  await new Promise(setImmediate);
  t.same(begun, ['a', 'b', 'c']);
  ends.get('a')?.();
  ends.get('c')?.();
  t.same(await Promise.all([first, third]), ['a', 'c']);
});

t.test('Gate gives the place of what failed to the next', async (t) => {
  const gate = new Gate({ atOnce: 1, waiting: 1, waitingOfOne: 1 });
  const failing = gate.pass(A, () => Promise.reject(new Error('no')));
  const next = gate.pass(A, async () => 'yes');
  await t.rejects(failing, { message: 'no' });
  t.equal(await next, 'yes');
  t.equal(await gate.pass(A, async () => 'again'), 'again');
});

/** A gate whose only place is taken until `open` is called. */
function busy(waiting = 3): { gate: Gate; open: () => void } {
  const gate = new Gate({ atOnce: 1, waiting, waitingOfOne: 2 });
  const { promise, resolve } = Promise.withResolvers<void>();
  void gate.pass(A, () => promise);
  return { gate, open: resolve };
}

// Attacks: bounded.
t.test('Gate keeps a few of one client waiting, and has room for others', async (t) => {
  const { gate, open } = busy();
  const first = gate.pass(A, async () => 'a1');
  const second = gate.pass(A, async () => 'a2');
  await t.rejects(
    gate.pass(A, async () => 'a3'),
    { reason: 'credentials_unchecked', message: '2 passwords of one client address wait to be checked' },
  );
  const other = gate.pass(B, async () => 'b');
  await t.rejects(
    gate.pass(B, async () => 'b2'),
    { message: '3 passwords wait to be checked' },
  );
  open();
  t.same(await Promise.all([first, second, other]), ['a1', 'a2', 'b']);
});

t.test('Gate does nothing for who has left, whose place is free', async (t) => {
  const { gate, open } = busy();
  let isThere = true;
  const done: string[] = [];
  const work = (name: string) => async () => done.push(name);
  const visitor = { ...A, isWanted: () => isThere };
  const gone = Promise.allSettled([gate.pass(visitor, work('a1')), gate.pass(visitor, work('a2'))]);
  isThere = false;
  const stays = gate.pass(A, work('stays'));
  t.match(await gone, [{ reason: { reason: 'client_gone' } }, { reason: { reason: 'client_gone' } }]);
  isThere = true;
  const late = t.rejects(gate.pass(visitor, work('late')), { message: 'Client left' });
  isThere = false;
  open();
  await Promise.all([stays, late]);
  t.same(done, ['stays']);
});

/** Has them come one after the other to a gate with room for `waiting`. @returns those that were let in, and those turned away */
async function comers(waiting: number, visitors: readonly Visitor[]) {
  const { gate, open } = busy(waiting);
  const done: string[] = [];
  const passes = visitors.map((visitor, at) =>
    gate.pass(visitor, async () => done.push(`${visitor.client} ${at}`)),
  );
  const settled = Promise.allSettled(passes);
  open();
  const refused = (await settled).flatMap(({ status }, at) => (status === 'rejected' ? [at] : []));
  return { done, refused };
}

t.test('Gate has the client with most places make room for one that has fewer', async (t) => {
  const three = [visitorOf('e'), visitorOf('f'), visitorOf('f')];
  t.same((await comers(3, [...three, visitorOf('g')])).refused, [2], 'whoever came first');
  const two = (client: string): Visitor[] => [visitorOf(client), visitorOf(client)];
  const { done, refused } = await comers(6, [...two('a'), ...two('b'), ...two('c'), visitorOf('d')]);
  t.same(refused, [1], 'the last of one of them');
  t.same(done, ['a 0', 'b 2', 'b 3', 'c 4', 'c 5', 'd 6'], 'and the rest keep their order');
});

t.test('Gate has the site with most places make room where no client has more than one', async (t) => {
  const many = ['1', '2', '3'].map((client) => visitorOf(client, 'many'));
  const { done, refused } = await comers(3, [...many, visitorOf('4', 'many'), visitorOf('x', 'few')]);
  t.same(refused, [2, 3], 'one of its own gets in for none');
  t.same(done, ['1 0', '2 1', 'x 4']);
});

t.test('Gate takes no place from who would then have fewer than the one that comes', async (t) => {
  const fair = [visitorOf('1', 'a'), visitorOf('2', 'a'), visitorOf('3', 'b')];
  const { done, refused } = await comers(3, [...fair, visitorOf('4', 'b')]);
  t.same(refused, [3]);
  t.same(done, ['1 0', '2 1', '3 2']);
});
