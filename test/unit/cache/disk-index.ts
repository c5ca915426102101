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

t.test('touch() counts as a use, and of what is not there as nothing', async (t) => {
  const index = new DiskIndex(60);
  for (const url of [A, B]) index.add({ url, rest: '1', bytes: 30 });
  index.touch(A);
  index.touch(C);
  t.equal(index.has(C), false);
  t.equal([...index.leaving(30)][0]?.url, B);
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

t.test('leaving() tells what was unused for longest, until there is room', async (t) => {
  const index = new DiskIndex(100);
  for (const url of [A, B]) index.add({ url, rest: '1', bytes: 30 });
  for (const rest of ['1', '2']) index.add({ url: C, rest, bytes: 15 });
  t.same([...index.leaving(10)], []);
  index.of(A);
  const makeRoom = (bytes: number): string[] => {
    const gone: string[] = [];
    for (const { url, rest } of index.leaving(bytes)) {
      gone.push(`${[A, B, C].indexOf(url)} ${rest}`);
      index.drop(url, rest);
    }
    return gone;
  };
  t.same(makeRoom(11), ['1 1']);
  t.same(makeRoom(41), ['2 1'], 'of a URL the oldest');
  t.same(makeRoom(100), ['2 2', '0 1']);
  t.same([index.size, makeRoom(101)], [0, []]);
});

t.test('what leaves counts until it is dropped', async (t) => {
  const index = new DiskIndex(100);
  index.add({ url: A, rest: '1', bytes: 100 });
  t.equal(index.isOver, false);
  index.add({ url: B, rest: '1', bytes: 1 });
  t.equal(index.isOver, true);
  t.match([...index.leaving(0)], [{ url: A, bytes: 100 }, { url: B }]);
  t.same([index.bytes, index.isOver], [101, true]);
});

t.test('of one URL a bounded number stays', async (t) => {
  const index = new DiskIndex(1000);
  for (let i = 0; i < 32; i += 1) t.same(index.add({ url: A, rest: `${i}`, bytes: 1 }), []);
  t.same(index.add({ url: A, rest: 'x', bytes: 1 }), [{ url: A, rest: '0', bytes: 1 }]);
  t.same([index.size, index.bytes], [33, 33], 'until it is dropped');
  index.drop(A, '0');
  t.same([index.size, rests(index, A).at(-1)], [32, '1']);
});

t.test('names take a bounded part of memory, however many there are', async (t) => {
  const index = new DiskIndex(100_000);
  for (let i = 0; i < 5000; i += 1) index.add({ url: urlHash(`${i}`), rest: `${i}`, bytes: 1 });
  t.same(rests(index, urlHash('4999')), ['4999']);
  t.same(rests(index, urlHash('0')), ['0']);
});
