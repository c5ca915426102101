import t from 'tap';
import { cache } from '#config/schema-cache.ts';

t.test('cache has a default for every key, and reads sizes', async (t) => {
  t.same(cache.parse({}), { memory: 64 * 2 ** 20, maxObject: 4 * 2 ** 20 });
  t.same(cache.parse({ memory: '1GiB', maxObject: '512KiB' }), { memory: 2 ** 30, maxObject: 512 * 1024 });
});

t.test('cache takes nothing else', async (t) => {
  const path = '/var/cache/weir';
  for (const value of [
    { disk: { path } },
    { disk: { size: '1GiB' } },
    { disk: { path: '', size: '1GiB' } },
    { disk: { path, size: '15MiB' } },
    { memory: '0B' },
    { memory: 5 },
    { maxObject: '1MB' },
    { disk: {} },
  ])
    t.equal(cache.safeParse(value).success, false, JSON.stringify(value));
});

t.test('a disk has a path and a size that is enough for its folders', async (t) => {
  const disk = { path: '/var/cache/weir', size: '16MiB' };
  t.same(cache.parse({ disk }).disk, { path: '/var/cache/weir', size: 16 * 2 ** 20 });
  t.match(cache.safeParse({ disk: { ...disk, size: '1MiB' } }).error?.issues, [
    { message: '1MiB is too little for a cache on disk, write at least 16MiB' },
  ]);
});
