import t from 'tap';
import { cache } from '#config/schema-cache.ts';

t.test('cache has a default for every key, and reads sizes', async (t) => {
  t.same(cache.parse({}), { memory: 64 * 2 ** 20, maxObject: 4 * 2 ** 20 });
  t.same(cache.parse({ memory: '1GiB', maxObject: '512KiB' }), { memory: 2 ** 30, maxObject: 512 * 1024 });
});

t.test('cache takes nothing else', async (t) => {
  for (const value of [{ memory: '0B' }, { memory: 5 }, { maxObject: '1MB' }, { disk: {} }])
    t.equal(cache.safeParse(value).success, false, JSON.stringify(value));
});
