import t from 'tap';
import { openCache } from '#proxy/open-cache.ts';
import { callsOf, failing, fresh } from '../../fixtures/cache-disk.ts';
import { folderOf } from '../../fixtures/owned.ts';

const MIB = 1024 * 1024;

t.test(
  'what cannot be removed from disk is told of, and what to do, whatever was told just before',
  async (t) => {
    const told: unknown[] = [];
    const calls = callsOf();
    const path = folderOf(t);
    const { backed } = openCache(
      { memory: MIB, maxObject: MIB, disk: { path, size: 64 * MIB } },
      {
        log: { error: (...line: unknown[]) => told.push(line) } as never,
        diskTools: { calls },
      },
    );
    if (backed === undefined) throw new Error('No disk');
    t.teardown(() => backed.disk.close());
    await backed.disk.scanned;
    backed.put(fresh());
    await backed.disk.settled();
    calls.open = failing('ENOSPC');
    for (const partition of ['p', 'q']) backed.put(fresh({ partition }));
    await backed.disk.settled();
    calls.unlink = failing('EROFS');
    backed.purge(fresh().url);
    await backed.disk.settled();
    t.match(told, [
      [{ fault: 'write', path, error: 'ENOSPC' }, /^Cannot use the cache on disk/],
      [{ fault: 'remove', path, error: 'EROFS' }, /not to be used any more.+empty its folder/],
    ]);
    t.equal(told.length, 2, 'once a minute for each kind');
  },
);
