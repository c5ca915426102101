import t from 'tap';
import { BufferPool, LARGE_BYTES, SCRATCH_BYTES } from '#net/buffers.ts';

t.test('take() lends large buffers up to the limit', async (t) => {
  const pool = new BufferPool(2);
  t.equal(pool.lent, 0);
  const [first, second] = [pool.take(), pool.take()];
  t.equal(first?.length, LARGE_BYTES);
  t.equal(second?.length, LARGE_BYTES);
  t.not(first, second);
  t.equal(pool.lent, 2);
  t.equal(pool.take(), undefined);
  t.equal(pool.lent, 2);
});

t.test('giveBack() makes a buffer free to be lent again', async (t) => {
  const pool = new BufferPool(1);
  const buffer = pool.take() as Buffer;
  pool.giveBack(buffer);
  t.equal(pool.lent, 0);
  t.equal(pool.take(), buffer, 'the same memory, not more of it');
});

t.test(
  'partOfScratch() is the beginning of the scratch buffer, and the same object again for the same length',
  async (t) => {
    const pool = new BufferPool();
    // Lengths that share a place among them.
    for (const length of [1, 65, 100, 164, 100]) {
      const part = pool.partOfScratch(length);
      t.equal(part.length, length);
      t.equal(part.buffer, pool.scratch.buffer);
      t.equal(part.byteOffset, pool.scratch.byteOffset);
      t.equal(pool.partOfScratch(length), part);
    }
  },
);

// Attacks: bounded.
t.test('BufferPool has one scratch buffer for all, and no small limit unless it is given one', async (t) => {
  const pool = new BufferPool();
  t.equal(pool.scratch, pool.scratch);
  t.equal(pool.scratch.length, SCRATCH_BYTES);
  for (let i = 0; i < 64; i += 1) t.ok(pool.take());
  t.equal(pool.take(), undefined);
});
