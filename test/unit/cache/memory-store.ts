import t from 'tap';
import { sizeOf } from '#cache/entry.ts';
import { MemoryStore } from '#cache/memory-store.ts';
import { entry } from '../../fixtures/cache-entry.ts';

const MIB = 2 ** 20;
const A = 'http://a.example/1';
const B = 'http://b.example/1';
const big = (url: string, bytes = 1000) => entry([], { url, body: Buffer.alloc(bytes) });

t.test('find() gives what was kept for the URL and the partition', async (t) => {
  const store = new MemoryStore(MIB);
  const kept = entry([], { url: A });
  store.put(kept);
  t.same(store.find(A, 'rule route', []), { entry: kept, hasOthers: false });
  t.same(store.find(A, 'another route', []), { entry: undefined, hasOthers: false });
  t.same(store.find(B, 'rule route', []), { entry: undefined, hasOthers: false });
  t.equal(store.size, 1);
});

t.test('find() gives the newest that the request would have got', async (t) => {
  const store = new MemoryStore(MIB);
  const forX = entry([], { url: A, names: ['x'], selection: '=1' });
  store.put(forX);
  t.same(store.find(A, 'rule route', ['X', '1']), { entry: forX, hasOthers: false });
  t.same(store.find(A, 'rule route', ['X', '2']), { entry: undefined, hasOthers: true });
  const forAll = entry([], { url: A });
  store.put(forAll);
  t.equal(store.find(A, 'rule route', ['X', '1']).entry, forAll);
});

t.test('put() takes the place of the same, and keeps a bounded number of others', async (t) => {
  const store = new MemoryStore(MIB);
  for (const selection of ['=1', '=1', '=2']) store.put(entry([], { url: A, names: ['x'], selection }));
  t.equal(store.all(A).length, 2);
  for (let i = 0; i < 100; i += 1) store.put(entry([], { url: A, names: ['x'], selection: `=${i}` }));
  t.equal(store.all(A).length, 32);
  t.same(store.all(B), []);
});

t.test('the least recently used makes way', async (t) => {
  const store = new MemoryStore(3 * sizeOf(big(A)));
  for (const url of ['u1', 'u2', 'u3']) store.put(big(url));
  store.find('u1', 'rule route', []);
  store.put(big('u4'));
  t.same(
    ['u1', 'u2', 'u3', 'u4'].map((url) => store.all(url).length),
    [1, 0, 1, 1],
  );
});

t.test('what is promised to answers that come is not there for others', async (t) => {
  const size = sizeOf(big('u1'));
  const store = new MemoryStore(3 * size);
  for (const url of ['u1', 'u2', 'u3']) store.put(big(url));
  t.equal(store.reserve(2 * size), true);
  t.equal(store.bytes, 3 * size);
  t.same(
    ['u1', 'u2', 'u3'].map((url) => store.all(url).length),
    [0, 0, 1],
  );
  t.equal(store.reserve(2 * size), false, 'there is no room for as much again');
  store.put(big('u4'));
  t.same(
    ['u3', 'u4'].map((url) => store.all(url).length),
    [0, 1],
  );
  store.put(big('u4', 2 * size));
  t.equal(store.size, 0, 'what does not fit takes the old one away all the same');
  store.release(2 * size);
  t.equal(store.bytes, 0);
});

t.test('remove() takes out one, and only that one', async (t) => {
  const store = new MemoryStore(MIB);
  const [old, kept, other] = [big(A), big(A), entry([], { url: A, partition: 'other' })];
  for (const each of [old, kept, other]) store.put(each);
  store.remove(old);
  t.same(store.all(A), [other, kept]);
  store.remove(kept);
  store.remove(other);
  t.equal(store.size, 0);
});

t.test('purge() and purgeAll() tell how many they took out', async (t) => {
  const store = new MemoryStore(MIB);
  for (const url of [A, B, `${B}/2`]) store.put(big(url));
  store.put(entry([], { url: A, partition: 'other' }));
  t.equal(store.purge(A), 2);
  t.equal(store.purge(A), 0);
  t.equal(store.purgeAll('http://b.example/'), 2);
  t.equal(store.bytes, 0);
});

t.test('renew() keeps what was confirmed as it is now', async (t) => {
  const store = new MemoryStore(MIB);
  const [kept, other, again] = [
    entry([], { url: A }),
    entry([], { url: A, partition: 'q' }),
    entry([], { url: A }),
  ];
  store.put(kept);
  store.put(other);
  store.renew(kept, again);
  t.same(store.all(A), [again, other]);
});
