import { truncateSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { DiskReader } from '#cache/disk-reader.ts';
import type { DiskFault } from '#cache/disk-writer.ts';
import type { Entry } from '#cache/entry.ts';
import type { FileName } from '#cache/file-name.ts';
import { failing, fileOf, filesOf, fresh } from '../../fixtures/cache-disk.ts';
import { NOW } from '../../fixtures/cache-entry.ts';

const URL = 'http://origin.example/';
const NONE = { entry: undefined, hasOthers: false };

function stage(t: Test, { isAlone = true, isScanned = true, room = 2 ** 30 } = {}) {
  const disk = filesOf(t, { isAlone });
  disk.files.isScanned = isScanned;
  const taken: Entry[] = [];
  const faults: DiskFault[] = [];
  const discarded: FileName[] = [];
  const memory = { room };
  const state = { isHidden: false };
  const reader = new DiskReader({
    files: disk.files,
    takePlace: () => () => {},
    reserve(bytes) {
      if (bytes > memory.room) return false;
      memory.room -= bytes;
      return true;
    },
    release(bytes) {
      memory.room += bytes;
    },
    hides: () => state.isHidden,
    keep: (kept) => void taken.push(kept),
    onFault: (fault) => void faults.push(fault),
    discard: (name) => void discarded.push(name),
  });
  const find = (headers: readonly string[] = [], partition = 'rule route') =>
    reader.find(URL, partition, headers);
  /** Has every file be opened when `gate` opens. */
  const gated = () => {
    const gate = Promise.withResolvers<void>();
    const { open } = disk.calls;
    let opens = 0;
    disk.calls.open = async (...args) => {
      opens += 1;
      await gate.promise;
      return await open(...args);
    };
    return { open: gate.resolve, opens: () => opens };
  };
  return { ...disk, reader, taken, faults, discarded, memory, state, find, gated };
}

t.test('what is kept for such a request is found, and taken back into memory', async (t) => {
  const { put, find, taken, memory } = stage(t);
  const kept = fresh();
  await put(kept);
  t.same(await find(), { entry: kept, hasOthers: false });
  t.same(taken, [kept]);
  t.equal(memory.room, 2 ** 30, 'what was promised is given back');
  t.same(await find([], 'another route'), NONE);
});

t.test('requests that say something else get nothing of it', async (t) => {
  const { put, find } = stage(t);
  const kept = fresh({ names: ['a'], selection: '=1' });
  await put(kept);
  t.same(await find(['A', '2']), { entry: undefined, hasOthers: true });
  t.match(await find(['A', '1']), { entry: { selection: '=1' } });
});

t.test('what the index does not know is looked for where others write, or not all is known', async (t) => {
  for (const [isAlone, isScanned, isFound] of [
    [true, true, false],
    [true, false, true],
    [false, true, true],
  ] as const) {
    const { put, files, find } = stage(t, { isAlone, isScanned });
    const name = await put(fresh(), isAlone ? 0 : 3);
    files.index.drop(name.url, name.rest);
    t.equal((await find()).entry !== undefined, isFound, `${isAlone} ${isScanned}`);
    t.equal((await find(['X', '1'], 'other')).entry, undefined);
  }
});

t.test('of several the newest counts', async (t) => {
  const { put, find } = stage(t, { isAlone: false });
  await put(fresh({ status: 404 }), 1);
  await put(fresh({ status: 410, answerMs: NOW + 1 }), 2);
  await put(fresh({ status: 301, answerMs: NOW - 1 }), 3);
  t.match(await find(), { entry: { status: 410 } });
});

t.test('what is large, or for which memory has no room, stays on disk', async (t) => {
  const large = stage(t);
  await large.put(fresh({ body: Buffer.alloc(2 ** 20 + 1) }));
  t.equal(Buffer.isBuffer((await large.find()).entry?.body), false);
  t.same(large.taken, []);
  const full = stage(t, { room: 5 });
  await full.put(fresh());
  t.equal((await full.find()).entry?.body.length, 10);
  t.same(full.taken, []);
});

t.test('what is damaged is nothing, told of, and to be taken away', async (t) => {
  const { put, folder, find, faults, discarded, memory } = stage(t);
  const name = await put(fresh());
  truncateSync(folder.pathOf(name), 100);
  t.same(await find(), NONE);
  t.same(faults, ['damaged']);
  t.same(discarded, [name]);
  t.equal(memory.room, 2 ** 30);
});

t.test('a block that is found damaged later is told of as well', async (t) => {
  const { put, folder, find, faults, discarded } = stage(t, { room: 5 });
  const name = await put(fresh());
  const { body } = (await find()).entry as Entry;
  if (Buffer.isBuffer(body)) throw new Error('It is in memory');
  await using pieces = await body.open('a');
  truncateSync(folder.pathOf(name), 1000);
  truncateSync(folder.pathOf(name), 300);
  await t.rejects(pieces?.read(0, 10)[Symbol.asyncIterator]().next() as Promise<unknown>);
  t.same([faults, discarded], [['damaged'], [name]]);
});

t.test('what is gone is forgotten', async (t) => {
  const { put, files, folder, find, faults } = stage(t);
  const name = await put(fresh());
  await folder.remove(name);
  t.same(await find(), NONE);
  t.equal(files.index.has(name.url), false);
  t.same(faults, []);
});

t.test('what cannot be read is nothing, and told of', async (t) => {
  const { put, calls, find, faults } = stage(t, { isAlone: false });
  await put(fresh());
  calls.open = failing('EIO');
  t.same(await find(), NONE);
  calls.readdir = failing('EIO');
  t.same(await find(), NONE);
  t.same(faults, ['read', 'read']);
});

t.test('a file of another URL with the same name is nothing', async (t) => {
  const { put, folder, find } = stage(t);
  const name = await put(fresh());
  writeFileSync(folder.pathOf(name), await fileOf(fresh({ url: `${URL}other` }) as never));
  t.same(await find(), NONE);
});

t.test('one read is for all who want the same', async (t) => {
  const { put, find, gated } = stage(t);
  await put(fresh());
  const gate = gated();
  const finds = [find(), find()];
  gate.open();
  for (const found of await Promise.all(finds)) t.match(found.entry, { url: URL });
  t.equal(gate.opens(), 1);
});

t.test('what changes while it is read is nothing, and not taken back', async (t) => {
  const { put, find, gated, reader, taken, memory } = stage(t);
  await put(fresh());
  const gate = gated();
  const found = find();
  reader.spoil((url) => url !== URL);
  reader.spoil((url) => url === URL);
  const later = find();
  gate.open();
  t.same(await found, NONE);
  t.match(await later, { entry: { url: URL } }, 'who comes later reads anew');
  t.equal(taken.length, 1);
  t.equal(memory.room, 2 ** 30);
});

t.test('what is damaged while another takes its place is no fault', async (t) => {
  const { put, folder, find, gated, reader, faults, discarded } = stage(t);
  const name = await put(fresh());
  truncateSync(folder.pathOf(name), 100);
  const gate = gated();
  const found = find();
  reader.spoil(() => true);
  gate.open();
  t.same(await found, NONE);
  t.same([faults, discarded], [[], []]);
});

t.test('what is hidden is not read', async (t) => {
  const { put, find, state, gated } = stage(t);
  await put(fresh());
  const gate = gated();
  state.isHidden = true;
  t.same(await find(), NONE);
  t.equal(gate.opens(), 0);
});

t.test('more than may wait are told that there is nothing', async (t) => {
  const { put, gated, reader } = stage(t, { isAlone: false });
  const urls = Array.from({ length: 69 }, (_, index) => `${URL}${index}`);
  for (const url of urls) await put(fresh({ url }), 1);
  const gate = gated();
  const finds = urls.map((url) => reader.find(url, 'rule route', []));
  await finds.at(-1);
  gate.open();
  const found = await Promise.all(finds);
  t.equal(found.filter(({ entry }) => entry !== undefined).length, 68);
});
