import t from 'tap';
import { PodWaits } from '#pods/pod-waits.ts';

const NEVER_MS = 1_000_000;

t.test('untilKnown() ends when the address is known', async (t) => {
  const waits = new PodWaits({ patienceMs: NEVER_MS });
  const first = waits.untilKnown('10.0.0.1');
  t.equal(waits.untilKnown('10.0.0.1'), first, 'one for all who ask');
  const other = waits.untilKnown('10.0.0.2');
  t.equal(waits.size, 2);
  waits.settle((address) => address === '10.0.0.1');
  await first;
  t.equal(waits.size, 1);
  t.ok(waits.untilKnown('10.0.0.1'), 'it was not in vain');
  waits.settle(() => true);
  await other;
});

t.test('untilKnown() ends when its time is over, and does not wait again soon', async (t) => {
  let now = 1;
  const waits = new PodWaits({ patienceMs: 1, now: () => now });
  await waits.untilKnown('10.0.0.1');
  t.equal(waits.size, 0);
  t.equal(waits.untilKnown('10.0.0.1'), undefined);
  now = 5_002;
  const again = waits.untilKnown('10.0.0.1');
  t.ok(again);
  await again;
});

t.test('untilKnown() waits for so many addresses and no more', async (t) => {
  const waits = new PodWaits({ patienceMs: NEVER_MS, most: 1 });
  const first = waits.untilKnown('10.0.0.1');
  t.equal(waits.untilKnown('10.0.0.2'), undefined);
  t.equal(waits.untilKnown('10.0.0.1'), first);
  waits.settle(() => true);
  const next = waits.untilKnown('10.0.0.2');
  t.ok(next);
  waits.settle(() => true);
  await next;
});

t.test('it is patient for half a second', async (t) => {
  const waits = new PodWaits();
  const began = performance.now();
  await waits.untilKnown('10.0.0.1');
  t.ok(performance.now() - began >= 499);
});
