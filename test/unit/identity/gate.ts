import t from 'tap';
import { Gate } from '#identity/gate.ts';

t.test('Gate lets so many in, keeps so many waiting, and turns the rest away', async (t) => {
  const gate = new Gate({ atOnce: 2, waiting: 1 });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) =>
    gate.pass(() => {
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
  const gate = new Gate({ atOnce: 1, waiting: 1 });
  const failing = gate.pass(() => Promise.reject(new Error('no')));
  const next = gate.pass(async () => 'yes');
  await t.rejects(failing, { message: 'no' });
  t.equal(await next, 'yes');
  t.equal(await gate.pass(async () => 'again'), 'again');
});
