import fc from 'fast-check';
import t from 'tap';
import { Bucket, type BucketSize } from '#limit/bucket.ts';

/** Ten tokens, one each 100 ms. */
const TEN: BucketSize = { perMs: 0.01, capacity: 10 };

t.test('Bucket is full at first, and gives as much as it holds', async (t) => {
  const bucket = new Bucket();
  t.equal(bucket.level(TEN, 0), 10);
  t.ok(bucket.isFull(0));
  t.equal(bucket.take(TEN, 4, 0), 4);
  t.equal(bucket.take(TEN, 100, 0), 6);
  t.equal(bucket.take(TEN, 1, 0), 0);
  t.notOk(bucket.isFull(0));
});

t.test('Bucket fills with the clock, to its capacity and no further', async (t) => {
  const bucket = new Bucket();
  bucket.take(TEN, 10, 0);
  t.equal(bucket.waitMs(TEN, 0), 100);
  t.equal(bucket.take(TEN, 1, 99), 0);
  t.equal(Math.round(bucket.waitMs(TEN, 60)), 40);
  t.equal(bucket.take(TEN, 5, 100), 1);
  t.equal(bucket.take(TEN, 5, 350), 2);
  t.equal(Math.round(bucket.waitMs(TEN, 350)), 50);
  t.notOk(bucket.isFull(1299));
  t.ok(bucket.isFull(1300));
  t.equal(bucket.waitMs(TEN, 1300), 0);
  t.equal(bucket.take(TEN, 100, 1e9), 10);
});

t.test('Bucket takes back what nobody used', async (t) => {
  const bucket = new Bucket();
  bucket.take(TEN, 10, 0);
  bucket.giveBack(TEN, 3);
  t.equal(bucket.take(TEN, 10, 0), 3);
  bucket.giveBack(TEN, 100);
  t.equal(bucket.level(TEN, 0), 10, 'no more than it holds');
});

t.test('Bucket can be charged below nothing, and is then in debt', async (t) => {
  const bucket = new Bucket();
  bucket.charge(TEN, 15, 0);
  t.equal(bucket.level(TEN, 0), -5);
  t.equal(bucket.take(TEN, 1, 599), 0);
  t.equal(bucket.take(TEN, 1, 600), 1);
});

t.test('Bucket never gives more in any time than it holds and what came in', async () => {
  const steps = fc.array(fc.record({ afterMs: fc.nat(5000), want: fc.integer({ min: 1, max: 50 }) }));
  const sizes = fc.record({
    perMs: fc.constantFrom(1 / 3_600_000, 0.001, 1 / 3, 0.05, 7),
    capacity: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(sizes, steps, (size, taken) => {
      const bucket = new Bucket();
      let nowMs = 0;
      const grants = taken.map(({ afterMs, want }) => {
        nowMs += afterMs;
        return { nowMs, granted: bucket.take(size, want, nowMs) };
      });
      for (const [from, { nowMs: fromMs }] of grants.entries()) {
        let sum = 0;
        for (const grant of grants.slice(from)) {
          sum += grant.granted;
          if (sum > size.capacity + (grant.nowMs - fromMs) * size.perMs + 1e-3) return false;
        }
      }
      return true;
    }),
    { seed: 4 },
  );
});
