import t from 'tap';
import { partOf } from '#cache/range.ts';
import { dateAgo, entry } from '../../fixtures/cache-entry.ts';

const RANGES: Record<string, readonly [number, number] | null | undefined> = {
  'bytes=0-3': [0, 3],
  'bytes=3-3': [3, 3],
  'bytes=3-': [3, 9],
  'bytes=3-100': [3, 9],
  'bytes=-3': [7, 9],
  'bytes=-100': [0, 9],
  'BYTES= 0-3 ': [0, 3],
  'bytes=10-': null,
  'bytes=99-100': null,
  'bytes=-0': null,
  'bytes=3-2': undefined,
  'bytes=0-1,3-4': undefined,
  'bytes=-': undefined,
  'bytes=a-b': undefined,
  'lines=0-3': undefined,
};

t.test('partOf() reads one range of bytes', async (t) => {
  for (const [range, expected] of Object.entries(RANGES))
    t.same(partOf(['Range', range], entry()), expected && { from: expected[0], to: expected[1] }, range);
  t.equal(partOf([], entry()), undefined);
  t.equal(partOf(['Range', 'bytes=0-1', 'Range', 'bytes=2-3'], entry()), undefined);
  t.equal(partOf(['Range', 'bytes=0-1'], entry([], { status: 404 })), undefined);
});

t.test('partOf() gives the whole where the client has a part of something else', async (t) => {
  const isPart = (condition: string, headers: readonly string[]) =>
    partOf(['Range', 'bytes=0-1', 'If-Range', condition], entry(headers)) !== undefined;
  t.equal(isPart('"a"', ['ETag', '"a"']), true);
  t.equal(isPart('"b"', ['ETag', '"a"']), false);
  t.equal(isPart('"a"', []), false);
  t.equal(isPart('W/"a"', ['ETag', 'W/"a"']), false);
  t.equal(isPart(dateAgo(9), ['Last-Modified', dateAgo(9), 'Date', dateAgo(8)]), true);
  t.equal(isPart(dateAgo(9), ['Last-Modified', dateAgo(9), 'Date', dateAgo(9)]), false);
  t.equal(isPart(dateAgo(9), ['Last-Modified', dateAgo(9)]), false);
  t.equal(isPart(dateAgo(8), ['Last-Modified', dateAgo(9), 'Date', dateAgo(0)]), false);
  t.equal(isPart('m', ['Last-Modified', 'm', 'Date', dateAgo(0)]), false);
});
