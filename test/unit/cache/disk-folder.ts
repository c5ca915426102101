import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DiskFolder, diskShare, SHARDS, shardsOf, takenBy } from '#cache/disk-folder.ts';
import { failing, filesOf, fresh, nameOf } from '../../fixtures/cache-disk.ts';
import { folderOf } from '../../fixtures/owned.ts';

const KEPT = fresh();
const NAME = nameOf(KEPT);
const SHARD = NAME.url.slice(0, 2);

async function* bytes(...pieces: string[]) {
  for (const piece of pieces) yield Buffer.from(piece);
}

async function write(folder: DiskFolder, pieces: AsyncIterable<Buffer>): Promise<void> {
  await folder.finish(await folder.begin(pieces), NAME);
}

t.test('a file is written whole, for its owner alone, and takes the place of one of its name', async (t) => {
  const path = folderOf(t);
  const folder = new DiskFolder(path, 0);
  await write(folder, bytes('ab', 'c'));
  t.equal(readFileSync(folder.pathOf(NAME), 'utf8'), 'abc');
  t.equal(statSync(folder.pathOf(NAME)).mode & 0o777, 0o600);
  for (const name of readdirSync(path)) t.equal(statSync(join(path, name)).mode & 0o777, 0o700, `${name}`);
  await write(folder, bytes('d'));
  t.equal(readFileSync(folder.pathOf(NAME), 'utf8'), 'd');
  t.same(readdirSync(join(path, 'unfinished')), []);
  t.same(await folder.restsOf(NAME.url), [NAME.rest]);
  t.same(await folder.list(SHARD), [`${NAME.url}.${NAME.rest}`]);
});

t.test('what cannot be written leaves nothing behind, and what was there as it is', async (t) => {
  const { path, folder, calls } = filesOf(t);
  await write(folder, bytes('a'));
  const broken = (async function* () {
    yield Buffer.from('b');
    throw new Error('no more');
  })();
  await t.rejects(write(folder, broken), { message: 'no more' });
  calls.rename = failing('EIO');
  await t.rejects(write(folder, bytes('b')), { code: 'EIO' });
  t.equal(readFileSync(folder.pathOf(NAME), 'utf8'), 'a');
  t.same(readdirSync(join(path, 'unfinished')), []);
  calls.open = failing('ENOSPC');
  await t.rejects(write(folder, bytes('b')), { code: 'ENOSPC' });
});

t.test('what the system takes in parts is written whole', async (t) => {
  const { folder, calls } = filesOf(t);
  const { open } = calls;
  calls.open = async (...args) => {
    const file = await open(...args);
    const write = file.write.bind(file);
    return Object.assign(file, { write: (buffer: Buffer, at: number) => write(buffer, at, 1) });
  };
  await write(folder, bytes('abc', 'de'));
  t.equal(readFileSync(folder.pathOf(NAME), 'utf8'), 'abcde');
});

t.test('what is missing is told apart from what fails', async (t) => {
  const { folder, calls } = filesOf(t);
  t.same(await folder.list('00'), []);
  t.equal(await folder.sizeOf(NAME), undefined);
  t.equal(await folder.remove(NAME), false);
  await write(folder, bytes('abc'));
  t.equal(await folder.sizeOf(NAME), 4096);
  t.equal(await folder.remove(NAME), true);
  Object.assign(calls, { readdir: failing('EIO'), stat: failing('EIO'), unlink: failing('EROFS') });
  await t.rejects(folder.list('00'), { code: 'EIO' });
  await t.rejects(folder.sizeOf(NAME), { code: 'EIO' });
  await t.rejects(folder.remove(NAME), { code: 'EROFS' });
});

t.test('what earlier processes did not finish is removed, and nothing of others', async (t) => {
  const { path, folder, calls } = filesOf(t);
  await folder.removeUnfinished(() => true);
  const unfinished = join(path, 'unfinished');
  mkdirSync(unfinished);
  const own = `0.${process.pid}.7`;
  for (const name of ['0.1.1', '1.1.1', own, 'mine']) writeFileSync(join(unfinished, name), '');
  await folder.removeUnfinished((seat) => seat === 0);
  t.same(readdirSync(unfinished).sort(), [own, '1.1.1', 'mine'].sort());
  calls.unlink = failing('EIO');
  await folder.removeUnfinished((seat) => seat === 1);
  t.same(readdirSync(unfinished).length, 3, 'what cannot be removed stays');
  await t.rejects(write(folder, bytes('a')), { code: 'EIO' }, 'and then nothing is written');
});

t.test('nothing more is begun while what was begun cannot be removed', async (t) => {
  const { path, folder, calls } = filesOf(t);
  const { unlink } = calls;
  const draft = await folder.begin(bytes('a'));
  calls.unlink = failing('EACCES');
  await folder.discard(draft);
  for (let i = 0; i < 3; i += 1) await t.rejects(folder.begin(bytes('b')), { code: 'EACCES' });
  t.equal(readdirSync(join(path, 'unfinished')).length, 1, 'so that it does not become more');
  calls.unlink = unlink;
  await write(folder, bytes('b'));
  t.same(readdirSync(join(path, 'unfinished')), []);
});

t.test('sizes are those of blocks, and folders and each process have their share', async (t) => {
  t.same([0, 1, 4096, 4097].map(takenBy), [0, 4096, 4096, 8192]);
  t.equal(SHARDS.length, 256);
  t.same([SHARDS[0], SHARDS[255]], ['00', 'ff']);
  const mib = 2 ** 20;
  t.same(diskShare(16 * mib, 1), { kept: 11.25 * mib, pending: 3.75 * mib });
  t.same(diskShare(1024 * mib, 2), { kept: 488 * mib, pending: 16 * mib });
  t.same(diskShare(1, 1), { kept: 0, pending: 0 });
});

t.test('shardsOf() tells each folder once', async (t) => {
  t.same([...shardsOf(['00ff', '00fe', 'a1'])], ['00', 'a1']);
});
