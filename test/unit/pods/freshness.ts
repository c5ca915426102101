import process from 'node:process';
import t from 'tap';
import { Freshness } from '#pods/freshness.ts';

t.test('Freshness is as old as the last word', async (t) => {
  let now = 1000;
  const freshness = new Freshness({ now: () => now });
  now = 1500;
  t.equal(freshness.ageMs, 500, 'before there is any, as the waiting for it');
  freshness.heard(100);
  t.equal(freshness.ageMs, 100);
  freshness.heard(300);
  t.equal(freshness.ageMs, 100, 'what comes later is not older');
  freshness.reset();
  t.equal(freshness.ageMs, 0);
});

t.test('Freshness is stale by a word that is old, and no more by one that is not', async (t) => {
  let now = 0;
  const told: boolean[] = [];
  const freshness = new Freshness({ now: () => now, onStale: (isStale) => told.push(isStale) });
  now = 1_000_000;
  freshness.heard(5 * 60_000);
  t.equal(freshness.isStale, true);
  freshness.heard(0);
  t.equal(freshness.isStale, false);
  t.same(told, [true, false]);
  freshness.reset();
});

t.test('Freshness becomes stale by itself, and keeps no process alive', async (t) => {
  const stale = Promise.withResolvers<boolean>();
  const freshness = new Freshness({ staleMs: 20, onStale: stale.resolve });
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  freshness.heard(0);
  freshness.heard(0);
  t.equal(timers(), before, 'of those that keep it alive');
  t.equal(freshness.isStale, false);
  const alive = setInterval(() => {}, 1000);
  t.equal(await stale.promise, true);
  clearInterval(alive);
  t.equal(freshness.isStale, true);
  freshness.reset();
  t.equal(freshness.isStale, false);
});

t.test('Freshness tells nobody where nobody asks', async (t) => {
  let now = 0;
  const freshness = new Freshness({ now: () => now, staleMs: 10 });
  now = 100;
  freshness.heard(50);
  t.equal(freshness.isStale, true);
});
