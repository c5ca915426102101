import t from 'tap';
import { lintCacheRoom } from '#study/lint/cache-room.ts';
import { config } from '../../../fixtures/config.ts';

/** What is said of a tier whose one rule has a cache, with these keys. */
async function told(...lines: readonly string[]) {
  const plain = await config(...lines);
  const access = plain.policy.access.map((rule) => ({ ...rule, cache: true }));
  return lintCacheRoom({ ...plain, policy: { ...plain.policy, access } });
}

t.test('lintCacheRoom() finds answers for which a process has no room in memory', async (t) => {
  t.same(await told('cache: { memory: 64MiB, maxObject: 64MiB }'), []);
  t.same(await told('cache: { memory: 64MiB, maxObject: 65MiB }'), [
    {
      code: 'object-never-kept',
      path: ['cache', 'maxObject'],
      message:
        'The cache has 64MiB for kept answers in memory, so that no larger answer is ever kept, and "maxObject" is 65MiB',
      fix: 'Set "maxObject" to 64MiB at most, or "memory" to 65MiB at least',
    },
  ]);
  t.match(await told('cache: { memory: 1000B, maxObject: 1001B }'), [
    { fix: 'Set "maxObject" to 1000B at most, or "memory" to 1001B at least' },
  ]);
});

t.test('lintCacheRoom() goes by the part of each worker', async (t) => {
  t.same(await told('workers: 16'), [], 'what is there without a word suits 16');
  t.match(await told('workers: 17'), [
    {
      message: /^Each of 17 processes has 3855KiB for kept answers in memory,.+ "maxObject" is 4MiB$/,
      fix: 'Set "maxObject" to 3855KiB at most, or "memory" to 68MiB at least',
    },
  ]);
});

t.test('lintCacheRoom() finds answers for which a process has no room on disk', async (t) => {
  const cache = 'cache: { maxObject: 4MiB, disk: { path: /var/cache/weir, size: 16MiB } }';
  t.same(await told(cache), []);
  t.same(await told('workers: 2', cache), []);
  t.same(await told('workers: 3', cache), [
    {
      code: 'object-never-kept',
      path: ['cache', 'disk', 'size'],
      message:
        'Each of 3 processes has 3840KiB for kept answers on disk, so that no larger answer is ever written there, and "maxObject" is 4MiB',
      fix: 'Set "maxObject" to 3840KiB at most, or "size" to more',
    },
  ]);
  t.match(await told('workers: 32', cache), [{ path: ['cache', 'maxObject'] }], 'memory comes first');
});

t.test('lintCacheRoom() says nothing where no rule has a cache', async (t) => {
  t.same(lintCacheRoom(await config('cache: { memory: 1MiB, maxObject: 2MiB }')), []);
});
