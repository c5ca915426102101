import t from 'tap';
import { Turns } from '#cache/turns.ts';

t.test('so many at once, so many more wait, and others get none', async (t) => {
  const turns = new Turns({ atOnce: 2, waiting: 1 });
  const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const begun: number[] = [];
  const takes = gates.map(({ promise }, index) =>
    turns.take(async () => {
      begun.push(index);
      await promise;
      return index;
    }),
  );
  t.same(begun, [0, 1]);
  t.equal(await turns.take(async () => 'none'), undefined);
  gates[1]?.resolve();
  t.equal(await takes[1], 1);
  gates[2]?.resolve();
  t.equal(await takes[2], 2);
  t.same(begun, [0, 1, 2]);
  gates[0]?.resolve();
  t.equal(await takes[0], 0);
  t.equal(await turns.take(async () => 'free again'), 'free again');
});

t.test('who fails gives its turn back', async (t) => {
  const turns = new Turns({ atOnce: 1, waiting: 0 });
  const fail = async (): Promise<never> => {
    throw new Error('no');
  };
  await t.rejects(turns.take(fail), { message: 'no' });
  t.equal(await turns.take(async () => 1), 1);
});
