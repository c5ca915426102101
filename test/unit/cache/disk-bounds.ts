/** src/cache/disk-writer.ts and disk-store.ts where files cannot be removed, or not be counted: what is on disk does not grow. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Calls, diskOf, failing, fresh, writerOf } from '../../fixtures/cache-disk.ts';
import { eventually } from '../../fixtures/within.ts';

const URL = 'http://origin.example/';
const SIZE = 16 * 2 ** 20;

/** Files of answers, and those that have no name yet. */
function filesIn(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
}

/** From now on nothing that has its name can be removed. */
function keepNamed(calls: Calls): () => void {
  const { unlink } = calls;
  calls.unlink = async (path) =>
    path.includes('unfinished') ? await unlink(path) : await failing('EACCES')();
  return () => {
    calls.unlink = unlink;
  };
}

t.test('what cannot make way counts, and nothing more is written until it can', async (t) => {
  const { path, writer, calls, clock, faults, files, health, puts } = writerOf(t, { maxBytes: 8192 });
  await puts(fresh({ url: `${URL}1` }), fresh({ url: `${URL}2` }));
  const mend = keepNamed(calls);
  for (const [index, url] of ['3', '4', '5'].entries()) {
    clock.nowMs = index * 10_000;
    await puts(fresh({ url: URL + url }));
    t.same([files.index.bytes, filesIn(path)], [8192, 2], url);
  }
  t.same([faults, health.isWell, health.offBy], [['write', 'write', 'write'], false, undefined]);
  t.equal(writer.hides(`${URL}1`), false, 'it is used on');
  mend();
  clock.nowMs = 30_000;
  await puts(fresh({ url: `${URL}6` }));
  t.same([files.index.bytes, filesIn(path), health.isWell], [8192, 2, true]);
});

/** A folder with so many answers. */
async function filled(t: Test, count: number) {
  const first = diskOf(t, { size: SIZE });
  await first.store.scanned;
  for (let i = 0; i < count; i += 1) {
    first.store.put(fresh({ url: URL + i, body: Buffer.alloc(2 ** 20) }));
    await first.store.settled();
  }
  t.equal(first.store.size, count);
  await first.store.close();
  return first;
}

t.test('after a restart what cannot be removed counts again, and nothing is written beside it', async (t) => {
  const before = await filled(t, 8);
  const next = before.another({ size: SIZE - 6 * 2 ** 20 });
  const mend = keepNamed(next.calls);
  await next.store.scanned;
  t.same([next.store.size, next.faults, next.store.isUp], [8, ['write'], false]);
  next.clock.nowMs = 10_000;
  next.store.put(fresh({ body: Buffer.alloc(2 ** 20) }));
  await next.store.settled();
  t.same([next.store.size, filesIn(next.path)], [8, 8]);
  t.match(await next.store.find(`${URL}0`, 'rule route', []), { entry: { url: `${URL}0` } }, 'it is used');
  mend();
  next.clock.nowMs = 20_000;
  next.store.put(fresh({ body: Buffer.alloc(2 ** 20) }));
  await next.store.settled();
  t.equal(next.store.isUp, true);
  t.ok(next.store.size < 8);
  t.equal(filesIn(next.path), next.store.size, 'what has made way is gone, and the rest counts');
});

t.test('what is purged and cannot be removed is used by nobody, and counts until it is gone', async (t) => {
  const before = await filled(t, 2);
  const next = before.another();
  await next.store.scanned;
  const mend = keepNamed(next.calls);
  t.equal(await next.store.purge(`${URL}0`), undefined);
  t.same([next.store.size, next.store.isUp], [2, false]);
  t.match(await next.store.find(`${URL}0`, 'rule route', []), { entry: undefined });
  mend();
  t.equal(await next.store.purge(`${URL}0`), 1, 'it is not forgotten');
  t.equal(next.store.size, 1);
});

t.test('where not all can be counted nothing is written', async (t) => {
  const before = await filled(t, 1);
  const next = before.another({ calls: { ...before.calls, readdir: failing('EACCES') } });
  await eventually(() => next.faults.length > 0, 'the fault');
  t.same([next.faults, next.store.isUp], [['read'], false]);
  next.store.put(fresh({ url: `${URL}new` }));
  t.equal(next.store.drops, 1);
  await next.store.close();
  await next.store.scanned;
  t.equal(filesIn(next.path), 1);
});

/** What they take, in whole blocks. */
function bytesIn(path: string): number {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = files.map(({ name, parentPath }) => statSync(join(parentPath, name)).size);
  return sizes.reduce((sum, size) => sum + Math.ceil(size / 4096) * 4096, 0);
}

t.test('many small answers that wait take no more than there is beside those that are kept', async (t) => {
  const { store, path, calls } = diskOf(t, { size: 6 * 2 ** 20 });
  await store.scanned;
  for (let i = 0; store.size < 7; i += 1) {
    store.put(fresh({ url: `${URL}large${i}`, body: Buffer.alloc(2 ** 19) }));
    await store.settled();
  }
  const gate = Promise.withResolvers<void>();
  const { rename } = calls;
  // All have their files before the first has its name.
  calls.rename = async (...args) => {
    await gate.promise;
    await rename(...args);
  };
  for (let i = 0; i < 2000; i += 1) store.put(fresh({ url: URL + i, body: Buffer.alloc(1) }));
  const waiting = 2000 - store.drops;
  await eventually(() => filesIn(path) >= waiting + 6, 'their files');
  const most = bytesIn(path);
  t.ok(most <= 5 * 2 ** 20, `${most} bytes`);
  gate.resolve();
  await store.settled();
});
