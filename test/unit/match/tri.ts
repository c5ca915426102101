import t from 'tap';
import { Tri, triNot, triOf } from '#match/tri.ts';

t.test('triOf() is the truth of a boolean', async (t) => {
  t.equal(triOf(true), Tri.True);
  t.equal(triOf(false), Tri.False);
});

t.test('triNot() swaps what is known and leaves what is not', async (t) => {
  t.equal(triNot(Tri.True), Tri.False);
  t.equal(triNot(Tri.False), Tri.True);
  t.equal(triNot(Tri.Unknown), Tri.Unknown);
  t.equal(triNot(Tri.Unheard), Tri.Unheard);
  t.equal(triNot(Tri.Pending), Tri.Pending);
});

t.test('Tri orders True, Unknown, Unheard, Pending, on which conjunctions rely', async (t) => {
  const order = [Tri.False, Tri.True, Tri.Unknown, Tri.Unheard, Tri.Pending];
  t.same(order.toSorted(), order);
});
