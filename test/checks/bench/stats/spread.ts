/** Order statistics, at their edges. */
import t from 'tap';
import { median, quantile, spreadOf } from '../../../../bench/stats/spread.ts';

t.test('median() is the middle value, or the mean of the two in the middle', async (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.equal(median([7]), 7);
});

t.test('quantile() lies between two values in proportion', async (t) => {
  t.equal(quantile([10, 20, 30, 40, 50], 0.25), 20);
  t.equal(quantile([10, 20], 0.75), 17.5);
  t.equal(quantile([1, 2, 3], 0), 1);
  t.equal(quantile([1, 2, 3], 1), 3);
});

t.test('spreadOf() leaves the order of its values alone', async (t) => {
  const values = [3, 1, 2];
  t.same(spreadOf(values), { min: 1, median: 2, max: 3 });
  t.same(values, [3, 1, 2]);
});

t.test('nothing has no median', async (t) => {
  t.throws(() => median([]), { message: 'Cannot take a quantile of nothing' });
});
