import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DiskFiles } from '#cache/disk-files.ts';
import { DiskIndex } from '#cache/disk-index.ts';
import { scan } from '#cache/disk-scan.ts';
import { failing, filesOf, fresh } from '../../fixtures/cache-disk.ts';

function stage(t: Test, maxBytes = 2 ** 20) {
  const { path, calls, folder, put } = filesOf(t);
  const files = new DiskFiles({ folder, index: new DiskIndex(maxBytes), isAlone: true });
  let room: 'make' | 'fail' = 'make';
  let tries = 0;
  const faults: unknown[] = [];
  const ending = new AbortController();
  const run = () =>
    scan({
      files,
      isOurs: (seat) => seat % 2 === 0,
      makeRoom: async (surplus) => {
        tries += 1;
        if (room === 'fail') return false;
        for (const name of surplus) await files.remove(name);
        await files.makeRoom(0);
        return true;
      },
      onFault: (error) => void faults.push(error),
      signal: ending.signal,
      pauseMs: 0,
    });
  const failToMakeRoom = (): void => {
    room = 'fail';
  };
  return { path, calls, files, put, faults, ending, run, failToMakeRoom, tries: () => tries };
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
  const { files, put, run, tries } = stage(t, 3 * 4096);
  for (const kept of numbered(5)) await put(kept);
  await run();
  t.same([files.index.size, tries()], [3, 2]);
});

t.test('what cannot be taken away goes on to count, and is tried once', async (t) => {
  const { files, put, run, failToMakeRoom, tries } = stage(t, 3 * 4096);
  for (const kept of numbered(5)) await put(kept);
  failToMakeRoom();
  await run();
  t.same([files.index.size, files.index.isOver, files.isScanned, tries()], [5, true, true, 1]);
});

t.test('what is too much of one URL is taken away', async (t) => {
  const { files, put, run } = stage(t);
  for (let seat = 0; seat < 70; seat += 2) await put(fresh(), seat);
  await run();
  t.equal(files.index.size, 32);
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

t.test('what cannot be counted is told of, and tried again until it can', async (t) => {
  const { calls, files, put, run, faults } = stage(t);
  const name = await put(fresh());
  const { readdir } = calls;
  const states: unknown[] = [];
  calls.readdir = async (path) => {
    states.push(files.isUncounted);
    if (faults.length < 3 && path.endsWith(faults.length < 2 ? 'unfinished' : name.url.slice(0, 2)))
      return await failing('EIO')();
    return await readdir(path);
  };
  await run();
  t.match(faults, [{ code: 'EIO' }, { code: 'EIO' }, { code: 'EIO' }]);
  t.same(states.slice(0, 4), [false, true, true, false]);
  t.same([files.isUncounted, files.isScanned, files.index.size], [false, true, 1]);
});

t.test('it is tried no longer than its process is there', async (t) => {
  const { calls, files, run, faults, ending } = stage(t);
  calls.readdir = async () => {
    if (faults.length === 2) ending.abort();
    return await failing('EIO')();
  };
  await run();
  t.equal(faults.length, 3);
  t.same([files.isUncounted, files.isScanned], [true, false]);
});

t.test('it ends with its process', async (t) => {
  const { calls, files, put, run, ending } = stage(t);
  await put(fresh());
  const { readdir } = calls;
  calls.readdir = async (path) => {
    const names = await readdir(path);
    if (names.length > 0 && !path.endsWith('unfinished')) ending.abort();
    return names;
  };
  await run();
  t.same([files.index.size, files.isScanned, files.isUncounted], [0, false, false]);
});
