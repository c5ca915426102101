import t, { type Test } from 'tap';
import { BackedStore } from '#cache/backed-store.ts';
import type { BodyOnDisk } from '#cache/body-on-disk.ts';
import { isHeld } from '#cache/entry.ts';
import { MemoryStore } from '#cache/memory-store.ts';
import { callsOf, failing, fresh } from '../../fixtures/cache-disk.ts';
import { entry, NOW } from '../../fixtures/cache-entry.ts';
import { folderOf } from '../../fixtures/owned.ts';

const MIB = 2 ** 20;
const URL = 'http://origin.example/';
const PARTITION = 'rule route';

function stage(t: Test, memory = MIB, calls = callsOf()) {
  const path = folderOf(t);
  const begin = () => {
    const store = new BackedStore(memory, {
      path,
      size: 16 * MIB,
      place: { index: 0, count: 1 },
      onFault: () => {},
      calls,
    });
    t.teardown(() => store.disk.close());
    return store;
  };
  return { store: begin(), begin };
}

t.test('what is kept is in memory and on disk, and comes back from there', async (t) => {
  const { store, begin } = stage(t);
  const kept = fresh();
  store.put(kept);
  t.equal(store.find(URL, PARTITION, []).entry, kept);
  await store.disk.settled();
  const next = begin();
  t.equal(next.find(URL, PARTITION, []).entry, undefined);
  t.same((await next.seek(URL, PARTITION, [])).entry, kept);
  t.same(next.find(URL, PARTITION, []).entry, kept, 'in memory again');
});

t.test(
  'what is read piece by piece holds its part of the memory, and is not read where there is none',
  async (t) => {
    const { store, begin } = stage(t, 2 * MIB);
    store.put(fresh({ body: Buffer.alloc(MIB + 1) }));
    await store.disk.settled();
    const next = begin();
    const body = (await next.seek(URL, PARTITION, [])).entry?.body as BodyOnDisk;
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((client) => body.open(client)));
    t.same([all.filter((pieces) => pieces === undefined).length, next.refusals], [1, 1]);
    t.equal(next.bytes, 3 * (256 * 1024 + body.checksums.length));
    for (const pieces of all) await pieces?.[Symbol.asyncDispose]();
    t.equal(next.bytes, 0);
  },
);

t.test('what comes back takes no newer one its place', async (t) => {
  const { store, begin } = stage(t);
  store.put(fresh());
  await store.disk.settled();
  const next = begin();
  const [, other] = [next.seek(URL, PARTITION, []), fresh({ partition: 'q' })];
  next.put(other);
  const found = await next.seek(URL, PARTITION, []);
  t.match(found.entry, { partition: PARTITION });
  await next.disk.settled();
  const newer = fresh({ answerMs: NOW + 1 });
  await store.disk.close();
  const last = begin();
  MemoryStore.prototype.put.call(last, newer);
  await last.seek(URL, PARTITION, []);
  t.equal(last.find(URL, PARTITION, []).entry, newer);
});

t.test('everything() has what is in memory, and behind it what is on disk alone', async (t) => {
  const { store, begin } = stage(t);
  store.put(fresh());
  store.put(fresh({ partition: 'q', answerMs: NOW + 1 }));
  await store.disk.settled();
  const next = begin();
  await next.seek(URL, PARTITION, []);
  const all = await next.everything(URL);
  t.match(all, [{ partition: PARTITION }, { partition: 'q' }]);
  t.same(all.map(isHeld), [true, false]);
});

t.test('takeOut() tells why something is left on disk', async (t) => {
  const calls = { ...callsOf(), unlink: failing('EROFS') };
  for (const isPrefix of [false, true]) {
    const { store } = stage(t, MIB, calls);
    store.put(fresh());
    await store.disk.settled();
    t.same(await store.takeOut(URL, isPrefix), { purged: 1, fault: 'EROFS' });
  }
});

t.test('takeOut() counts what is in both once', async (t) => {
  for (const [url, isPrefix] of [
    [URL, false],
    ['http://origin.example', true],
  ] as const) {
    const { store } = stage(t);
    store.put(fresh());
    store.put(fresh({ partition: 'q' }));
    await store.disk.settled();
    t.same(await store.takeOut(url, isPrefix), { purged: 2 });
    t.same(await store.everything(URL), []);
    t.same(await store.takeOut(url, isPrefix), { purged: 0 });
  }
});

t.test('what is removed or purged is gone from both', async (t) => {
  const { store } = stage(t);
  const kept = fresh();
  for (const away of [() => store.remove(kept), () => store.purge(URL), () => store.purgeAll('http://o')]) {
    store.put(kept);
    await store.disk.settled();
    away();
    t.equal(store.find(URL, PARTITION, []).entry, undefined);
    t.equal((await store.seek(URL, PARTITION, [])).entry, undefined);
    await store.disk.settled();
    t.equal((await store.seek(URL, PARTITION, [])).entry, undefined);
  }
});

t.test('purge() and purgeAll() tell how many went from memory', async (t) => {
  const { store } = stage(t);
  store.put(fresh());
  t.equal(store.purge(URL), 1);
  for (const path of ['a', 'b']) store.put(fresh({ url: URL + path }));
  t.equal(store.purgeAll(URL), 2);
});

t.test('what was confirmed is written anew, unless it has to be asked about anyway', async (t) => {
  const { store } = stage(t);
  const stale = entry(['Cache-Control', 'no-cache', 'ETag', '"a"']);
  const onDisk = async () => {
    await store.disk.settled();
    return (await store.disk.all(URL)).map(({ answerMs }) => answerMs - NOW);
  };
  store.put(stale);
  t.same(await onDisk(), [0]);
  const again = entry(['Cache-Control', 'max-age=0', 'ETag', '"a"'], { answerMs: NOW + 1 });
  store.renew(stale, again);
  t.equal(store.find(URL, PARTITION, []).entry, again);
  t.same(await onDisk(), [0]);
  const good = fresh({ answerMs: NOW + 2 });
  store.renew(again, good);
  t.same(await onDisk(), [2]);
  store.renew(good, entry(['Cache-Control', 'no-cache'], { answerMs: NOW + 3 }));
  t.same(await onDisk(), [3], 'what is on disk would be used without being asked about');
});

t.test('a body that is on disk alone is not held in memory', async (t) => {
  const { store, begin } = stage(t, 64 * 1024);
  store.put(fresh({ body: Buffer.alloc(100 * 1024) }));
  await store.disk.settled();
  const next = begin();
  const { entry: stored } = await next.seek(URL, PARTITION, []);
  if (stored === undefined) throw new Error('It is not there');
  next.renew(stored, fresh({ body: stored.body, answerMs: NOW + 5 }));
  t.equal(next.bytes, 0);
  await next.disk.settled();
  t.match(await next.disk.all(URL), [{ answerMs: NOW + 5, body: { length: 100 * 1024 } }]);
});
