import t from 'tap';
import { Reasons } from '#study/reasons.ts';

t.test('Reasons counts each, the most frequent first', async (t) => {
  const reasons = new Reasons();
  for (const why of ['a', 'b', 'b']) reasons.add(why);
  t.same(reasons.counted(), [
    { why: 'b', count: 2 },
    { why: 'a', count: 1 },
  ]);
});

t.test('Reasons tells twenty apart, and counts the rest together', async (t) => {
  const reasons = new Reasons();
  for (let index = 0; index < 23; index += 1) reasons.add(`reason ${index}`);
  t.equal(reasons.counted().length, 21);
  t.same(reasons.counted().at(-1), { why: 'other reasons', count: 3 });
});
