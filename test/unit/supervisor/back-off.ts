import t from 'tap';
import { BackOff } from '#supervisor/back-off.ts';

t.test('BackOff waits twice as long each time up to 5 s while workers die young', async (t) => {
  const backOff = new BackOff();
  const waits = Array.from({ length: 9 }, () => backOff.next(9_999));
  t.same(waits, [0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  t.equal(backOff.next(10_000), 0, 'one that had lived is replaced at once');
  t.equal(backOff.next(0), 0, 'and so is the first that did not');
  t.equal(backOff.next(0), 100);
  for (let i = 0; i < 2_000; i += 1) backOff.next(0);
  t.equal(backOff.next(0), 5000, 'however many died');
});
