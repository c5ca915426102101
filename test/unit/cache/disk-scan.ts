import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DiskFiles } from '#cache/disk-files.ts';
import { DiskIndex } from '#cache/disk-index.ts';
import { scan } from '#cache/disk-scan.ts';
import type { FileName } from '#cache/file-name.ts';
import { failing, filesOf, fresh } from '../../fixtures/cache-disk.ts';

function stage(t: Test, maxBytes = 2 ** 20) {
  const { path, calls, folder, put } = filesOf(t);
  const files = new DiskFiles({ folder, index: new DiskIndex(maxBytes), isAlone: true });
  const removed: FileName[] = [];
  const faults: unknown[] = [];
  const ending = new AbortController();
  const run = () =>
    scan({
      files,
      isOurs: (seat) => seat % 2 === 0,
      removeFiles: async (names) => void removed.push(...names),
      onFault: (error) => void faults.push(error),
      signal: ending.signal,
    });
  return { path, calls, files, put, removed, faults, ending, run };
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => fresh({ url: `http://a.example/${index}` }));

t.test('what processes of its seats have left is counted, and nothing else', async (t) => {
  const { path, files, put, run, faults } = stage(t);
  for (const kept of numbered(5)) await put(kept, 2);
  await put(fresh(), 1);
  mkdirSync(join(path, 'zz'));
  writeFileSync(join(path, 'zz', 'any'), '');
  mkdirSync(join(path, '00'), { recursive: true });
  writeFileSync(join(path, '00', 'any'), '');
  await run();
  t.same([files.index.size, files.index.bytes], [5, 5 * 4096]);
  t.equal(files.isScanned, true);
  t.same(faults, []);
});

t.test('what there is no room for is taken away', async (t) => {
  const { files, put, run, removed } = stage(t, 3 * 4096);
  for (const kept of numbered(5)) await put(kept);
  await run();
  t.same([files.index.size, removed.length], [3, 2]);
});

t.test('what was written or removed meanwhile is not counted twice, or at all', async (t) => {
  const { calls, files, put, run } = stage(t);
  const [first, second] = [await put(fresh()), await put(fresh({ url: 'http://b.example/' }))];
  files.index.add({ ...first, bytes: 4096 });
  const { stat } = calls;
  calls.stat = (async (path: string) => {
    if (path.includes(second.url)) return await failing('ENOENT')();
    return await stat(path);
  }) as never;
  await run();
  t.same([files.index.size, files.index.bytes], [1, 4096]);
});

t.test('what cannot be read is told of, and then names are looked for', async (t) => {
  const { calls, files, run, faults } = stage(t);
  calls.readdir = failing('EIO');
  await run();
  t.match(faults, [{ code: 'EIO' }]);
  t.equal(files.isScanned, false);
});

t.test('it ends with its process', async (t) => {
  const { files, put, run, ending } = stage(t);
  await put(fresh());
  ending.abort();
  await run();
  t.same([files.index.size, files.isScanned], [0, false]);
});
