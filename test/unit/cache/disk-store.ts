import { truncateSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import type { DiskStore } from '#cache/disk-store.ts';
import type { Entry } from '#cache/entry.ts';
import { diskOf, failing, fresh } from '../../fixtures/cache-disk.ts';
import { NOW } from '../../fixtures/cache-entry.ts';
import { eventually } from '../../fixtures/within.ts';

const URL = 'http://origin.example/';
const NONE = { entry: undefined, hasOthers: false };
const PARTITION = 'rule route';

t.test('what was put is found by the next process', async (t) => {
  const first = diskOf(t);
  const kept = fresh();
  first.store.put(kept);
  t.same(await first.store.find(URL, PARTITION, []), { entry: kept, hasOthers: false }, 'at once');
  await first.store.close();
  const second = first.another();
  t.same(await second.store.find(URL, PARTITION, []), { entry: kept, hasOthers: false }, 'while it scans');
  t.same(second.taken, [kept]);
  await second.store.scanned;
  t.same([second.store.size, second.store.bytes], [1, 4096]);
  await second.store.settled();
  t.same(await second.store.find(URL, PARTITION, []), { entry: kept, hasOthers: false });
});

t.test('processes of a host find what others have written, and a purge of one is for all', async (t) => {
  const first = diskOf(t, { place: { index: 0, count: 2 } });
  const second = first.another({ place: { index: 1, count: 2 } });
  await Promise.all([first.store.scanned, second.store.scanned]);
  first.store.put(fresh());
  await first.store.settled();
  t.match(await second.store.find(URL, PARTITION, []), { entry: { url: URL } });
  t.equal(second.store.size, 0, 'counted by who wrote it');
  t.equal(await second.store.purge(URL), 1);
  t.same(await first.store.find(URL, PARTITION, []), NONE);
  t.equal(first.store.size, 0);
});

t.test('all() tells of what is on disk and what is about to be', async (t) => {
  const { store } = diskOf(t);
  await store.scanned;
  store.put(fresh({ status: 404 }));
  await store.settled();
  store.put(fresh({ partition: 'q', answerMs: NOW + 1 }));
  t.match(await store.all(URL), [
    { status: 200, answerMs: NOW + 1 },
    { status: 404, body: { length: 10 } },
  ]);
  const purged = store.purgeAll(URL);
  t.same(await store.all(URL), []);
  t.ok(((await purged) ?? 0) >= 1, 'what has no name yet is no file');
});

t.test('remove() takes away one', async (t) => {
  const { store } = diskOf(t);
  await store.scanned;
  const kept = fresh();
  store.put(kept);
  await store.remove(kept);
  t.same(await store.find(URL, PARTITION, []), NONE);
});

t.test('what is damaged is taken away, and counted', async (t) => {
  const { store, faults, fileOf } = diskOf(t);
  await store.scanned;
  const kept = fresh();
  store.put(kept);
  await store.settled();
  truncateSync(fileOf(kept), 100);
  t.same(await store.find(URL, PARTITION, []), NONE);
  await store.settled();
  t.equal(store.size, 0);
  t.same(faults, ['damaged']);
  t.equal(store.faults.get('damaged'), 1);
});

t.test('a disk from which something cannot be removed is not used any more, and says why', async (t) => {
  const { store, calls, faults } = diskOf(t);
  await store.scanned;
  store.put(fresh());
  await store.settled();
  t.same([store.offBy, store.isUp], [undefined, true]);
  calls.unlink = failing('EROFS');
  t.equal(await store.purge(URL), undefined);
  t.match(store.offBy, { code: 'EROFS' });
  t.equal(store.isUp, false);
  t.same(faults, ['remove']);
  t.same(await store.find(URL, PARTITION, []), NONE);
});

t.test('a disk that is slow is as one that has nothing', async (t) => {
  const { store, calls, faults } = diskOf(t, { maxWaitMs: 500 });
  await store.scanned;
  store.put(fresh());
  await store.settled();
  const gate = Promise.withResolvers<never>();
  calls.open = () => gate.promise;
  t.clock.enter();
  const found = store.find(URL, PARTITION, []);
  t.clock.advance(500);
  t.same(await found, NONE);
  t.same([faults, store.faults.get('slow'), store.maxWaitMs], [['slow'], 1, 500], 'and is counted');
  t.equal(store.isUp, false, 'until it answers');
  t.equal(diskOf(t).store.maxWaitMs, 1000, 'which is a second where nothing else is said');
  t.clock.exit();
  gate.reject(new Error('late'));
  await eventually(() => store.isUp, 'the answer');
});

t.test('what cannot be scanned is told of, and then it is not up', async (t) => {
  const first = diskOf(t);
  await first.store.scanned;
  const calls = { ...first.calls, readdir: failing('EIO') };
  const { store, faults } = first.another({ calls });
  await eventually(() => faults.length > 0, 'the fault');
  t.same([faults, store.isUp], [['read'], false]);
  await store.close();
  await t.resolves(store.scanned);
});

t.test('what a next process has no room for makes way', async (t) => {
  const first = diskOf(t);
  await first.store.scanned;
  for (const path of ['1', '2', '3', '4']) {
    first.store.put(fresh({ url: URL + path, body: Buffer.alloc(2 ** 20) }));
    await first.store.settled();
  }
  await first.store.close();
  const next = first.another({ size: 5 * 2 ** 20 });
  await next.store.scanned;
  t.same([first.store.size, next.store.size], [4, 2]);
});

t.test('who has left writes nothing', async (t) => {
  const { store } = diskOf(t);
  store.stop();
  store.put(fresh());
  await store.settled();
  t.same([store.size, store.drops], [0, 1]);
});

t.test('time is that of the system where it is not said', async (t) => {
  const { store } = diskOf(t, { now: undefined as never });
  store.put(fresh());
  await store.settled();
  t.equal(store.size, 1);
});

t.test('close() waits for what is written, and not for ever', async (t) => {
  const { store, calls } = diskOf(t);
  await store.scanned;
  calls.open = () => new Promise(() => {});
  store.put(fresh());
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  const closed = store.close();
  t.clock.advance(5000);
  await closed;
});

interface Step {
  readonly what: 'put' | 'purge' | 'remove';
  readonly path: number;
  readonly partition: string;
  readonly bytes: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('put', 'put', 'put', 'purge', 'remove'),
  path: fc.nat(5),
  partition: fc.constantFrom('p', 'q'),
  bytes: fc.nat(9000),
});

/** Does as a store should, and says what is left. */
function play(store: DiskStore, steps: readonly Step[]): readonly Entry[] {
  const left = new Map<string, Entry>();
  for (const [index, { what, path, partition, bytes }] of steps.entries()) {
    const url = `${URL}${path}`;
    const kept = fresh({ url, partition, body: Buffer.alloc(bytes, path), answerMs: NOW + index });
    if (what === 'put') store.put(kept);
    else void (what === 'purge' ? store.purge(url) : store.remove(kept));
    for (const each of what === 'purge' ? ['p', 'q'] : [partition]) left.delete(`${each} ${url}`);
    if (what === 'put') left.set(`${partition} ${url}`, kept);
  }
  return [...left.values()];
}

t.test('whatever is put, replaced and purged, a next process finds exactly what is left', async (t) => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
    const disk = diskOf(t);
    const left = play(disk.store, steps);
    await disk.store.close();
    const next = disk.another();
    await next.store.scanned;
    t.equal(next.store.size, left.length);
    for (const kept of left) t.same((await next.store.find(kept.url, kept.partition, [])).entry, kept);
  });
  await fc.assert(property, { seed: 83, numRuns: 25 });
});
