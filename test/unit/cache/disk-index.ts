import t from 'tap';
import { DiskIndex } from '#cache/disk-index.ts';
import { urlHash } from '#cache/file-name.ts';

const [A, B, C] = ['a', 'b', 'c'].map(urlHash) as [string, string, string];
const rests = (index: DiskIndex, url: string) => index.of(url).map(({ rest }) => rest);

t.test('what is added is found, newest first, and counted', async (t) => {
  const index = new DiskIndex(100);
  t.same(index.add({ url: A, rest: '1', bytes: 10 }), []);
  index.add({ url: A, rest: '2', bytes: 20 });
  t.same(rests(index, A), ['2', '1']);
  t.same([index.bytes, index.size], [30, 2]);
  index.add({ url: A, rest: '1', bytes: 5 });
  t.same(rests(index, A), ['1', '2'], 'in the place of the one of its name');
  t.same([index.bytes, index.size], [25, 2]);
  t.same(index.of(B), []);
  t.same([index.has(A), index.has(B)], [true, false]);
});

t.test('drop() takes out one', async (t) => {
  const index = new DiskIndex(100);
  for (const rest of ['1', '2']) index.add({ url: A, rest, bytes: 10 });
  index.drop(A, '3');
  index.drop(B, '1');
  index.drop(A, '1');
  t.same(rests(index, A), ['2']);
  index.drop(A, '2');
  t.same([index.has(A), index.bytes, index.size], [false, 0, 0]);
});

t.test('makeRoom() takes out what was unused for longest', async (t) => {
  const index = new DiskIndex(100);
  for (const url of [A, B, C]) index.add({ url, rest: '1', bytes: 30 });
  t.same(index.makeRoom(10), []);
  index.of(A);
  t.same(index.makeRoom(11), [{ url: B, rest: '1', bytes: 30 }]);
  t.same(index.makeRoom(100), [
    { url: C, rest: '1', bytes: 30 },
    { url: A, rest: '1', bytes: 30 },
  ]);
  t.equal(index.size, 0);
});

t.test('of one URL a bounded number stays', async (t) => {
  const index = new DiskIndex(1000);
  for (let i = 0; i < 32; i += 1) t.same(index.add({ url: A, rest: `${i}`, bytes: 1 }), []);
  t.same(index.add({ url: A, rest: 'x', bytes: 1 }), [{ url: A, rest: '0', bytes: 1 }]);
  t.same([index.size, index.bytes], [32, 32]);
});

t.test('names take a bounded part of memory, however many there are', async (t) => {
  const index = new DiskIndex(100_000);
  for (let i = 0; i < 5000; i += 1) index.add({ url: urlHash(`${i}`), rest: `${i}`, bytes: 1 });
  t.same(rests(index, urlHash('4999')), ['4999']);
  t.same(rests(index, urlHash('0')), ['0']);
});
