import t from 'tap';
import { Gate } from '#identity/gate.ts';

const A = { client: 'a', isWanted: () => true };
const B = { client: 'b', isWanted: () => true };

t.test('Gate lets so many in, keeps so many waiting, and turns the rest away', async (t) => {
  const gate = new Gate({ atOnce: 2, waiting: 1, waitingOfOne: 1 });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) =>
    gate.pass(A, () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    });
  const first = work('a');
  const second = work('b');
  const third = work('c');
  t.same(begun, ['a', 'b']);
  await t.rejects(work('d'), { reason: 'saturated', message: '1 passwords wait to be checked' });
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
function busy(): { gate: Gate; open: () => void } {
  const gate = new Gate({ atOnce: 1, waiting: 3, waitingOfOne: 2 });
  const { promise, resolve } = Promise.withResolvers<void>();
  void gate.pass(A, () => promise);
  return { gate, open: resolve };
}

t.test('Gate keeps a few of one client waiting, and has room for others', async (t) => {
  const { gate, open } = busy();
  const first = gate.pass(A, async () => 'a1');
  const second = gate.pass(A, async () => 'a2');
  await t.rejects(
    gate.pass(A, async () => 'a3'),
    { reason: 'saturated', message: '2 passwords of one client address wait to be checked' },
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
  const visitor = { client: 'a', isWanted: () => isThere };
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
