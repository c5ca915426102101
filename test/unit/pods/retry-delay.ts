import t from 'tap';
import { RetryDelay } from '#pods/retry-delay.ts';

t.test('next() waits longer each time, and not at all after what went well', async (t) => {
  const delay = new RetryDelay(() => 1);
  t.equal(delay.next(5_000), 0);
  t.same(
    [1, 2, 3, 4, 5, 6, 7, 8].map(() => delay.next(4_999)),
    [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
  );
  t.equal(delay.next(60_000), 0);
  t.equal(delay.next(0), 500);
});

t.test('next() is between half and the whole', async (t) => {
  t.equal(new RetryDelay(() => 0).next(0), 250);
  const ms = new RetryDelay().next(0);
  t.ok(ms >= 250 && ms <= 500);
});
