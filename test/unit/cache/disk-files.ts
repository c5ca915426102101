import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { BodyOnDisk } from '#cache/body-on-disk.ts';
import type { Entry } from '#cache/entry.ts';
import type { FileName } from '#cache/file-name.ts';
import { failing, fileOf, filesOf, fresh } from '../../fixtures/cache-disk.ts';
import { NOW } from '../../fixtures/cache-entry.ts';

t.test('the index is asked where it knows all, and else the folder', async (t) => {
  const { files, put } = filesOf(t, { isAlone: true });
  const name = await put(fresh());
  t.equal(files.isIndexWhole, false);
  t.same(await files.restsOf(name.url), [name.rest]);
  files.isScanned = true;
  t.equal(files.isIndexWhole, true);
  t.same(await files.restsOf(name.url), [name.rest]);
  files.index.drop(name.url, name.rest);
  t.same(await files.restsOf(name.url), []);
  const shared = filesOf(t);
  shared.files.isScanned = true;
  t.equal(shared.files.isIndexWhole, false, 'others write to it');
});

t.test('headIn() tells what a file holds, where that can be told', async (t) => {
  const { files, folder, put, calls } = filesOf(t);
  const kept = fresh();
  const name = await put(kept);
  const head = await files.headIn(name);
  t.match(head, { url: kept.url, headers: kept.headers });
  const { body } = head as Entry & { readonly body: BodyOnDisk };
  await using pieces = await body.openToCopy();
  truncateSync(folder.pathOf(name), 100);
  await t.rejects(pieces?.read(0, 10)[Symbol.asyncIterator]().next() as Promise<unknown>);
  t.equal(await files.headIn(name), undefined);
  await files.remove(name);
  t.equal(await files.headIn(name), undefined);
  calls.open = failing('EIO');
  await t.rejects(files.headIn(name), { code: 'EIO' });
});

t.test('headsOf() tells what is there of a URL, and nothing that only has its name', async (t) => {
  const { files, folder, put } = filesOf(t);
  const kept = fresh();
  const [name, other] = [await put(kept), await put(fresh({ partition: 'q' }))];
  await put(fresh({ url: 'http://other.example/' }));
  t.equal((await files.headsOf(kept.url)).length, 2);
  writeFileSync(folder.pathOf(name), await fileOf(fresh({ url: 'http://other.example/' }) as never));
  truncateSync(folder.pathOf(other), 10);
  t.same(await files.headsOf(kept.url), []);
});

t.test('removeUpTo() removes what is as old, or older, of all processes', async (t) => {
  const { files, put } = filesOf(t);
  const old = await put(fresh({ answerMs: NOW - 1 }), 1);
  const same = await put(fresh(), 2);
  const newer = await put(fresh({ answerMs: NOW + 1 }), 3);
  const other = await put(fresh({ partition: 'another' }), 1);
  await files.removeUpTo(same, NOW, same.rest);
  t.same((await files.restsOf(old.url)).toSorted(), [same, newer, other].map(({ rest }) => rest).toSorted());
  await files.removeUpTo(same, NOW);
  t.same((await files.restsOf(old.url)).toSorted(), [newer, other].map(({ rest }) => rest).toSorted());
});

t.test('removeUpTo() removes what is damaged', async (t) => {
  const { files, folder, put } = filesOf(t);
  const name = await put(fresh());
  truncateSync(folder.pathOf(name), 100);
  await files.removeUpTo(name, 0);
  t.same(await files.restsOf(name.url), []);
});

t.test('makeRoom() removes what was unused for longest, and counts what it cannot', async (t) => {
  const { files, calls, put } = filesOf(t, { isAlone: true, maxBytes: 3 * 4096 });
  const [first, second, third] = [1, 2, 3].map((path) => fresh({ url: `http://a.example/${path}` }));
  const names = [await put(first as Entry), await put(second as Entry), await put(third as Entry)];
  const left = () => names.map(({ url }) => files.index.has(url));
  await files.makeRoom(4096);
  t.same([left(), files.index.bytes], [[false, true, true], 8192]);
  const { unlink } = calls;
  calls.unlink = failing('EACCES');
  await t.rejects(files.makeRoom(8192), { code: 'EACCES' });
  t.same([left(), files.index.bytes], [[false, true, true], 8192]);
  calls.unlink = unlink;
  await files.makeRoom(8192);
  t.same([left(), files.index.bytes], [[false, true, false], 4096], 'others are tried before it');
});

t.test('remove() counts what it cannot remove', async (t) => {
  const { files, calls, put } = filesOf(t, { isAlone: true });
  const name = await put(fresh());
  const { unlink } = calls;
  calls.unlink = failing('EACCES');
  await t.rejects(files.remove(name), { code: 'EACCES' });
  t.same([files.index.has(name.url), files.index.bytes], [true, 4096]);
  calls.unlink = unlink;
  t.equal(await files.remove(name), true);
  t.equal(files.index.bytes, 0);
});

t.test('removeOf() removes all of a URL, and removeAll() all whose URL begins so', async (t) => {
  const { path, files, put } = filesOf(t);
  const urls = ['http://a.example/x/1', 'http://a.example/x/2', 'http://a.example/y', 'http://a.examples/x/'];
  const [first, , third, fourth] = await Promise.all(urls.map((url) => put(fresh({ url }))));
  await put(fresh({ url: urls[0] as string, partition: 'q' }), 2);
  mkdirSync(join(path, '00'), { recursive: true });
  writeFileSync(join(path, '00', 'any'), '');
  const meant = new Set([(first as FileName).url]);
  t.same([...(await files.removeOf(meant))], [[first?.url, 2]]);
  t.equal((await files.removeOf(meant)).size, 0);
  t.equal(await files.removeAll('http://a.example/x/'), 1);
  t.same(await files.restsOf((third as FileName).url), [third?.rest]);
  t.equal(await files.removeAll('http://a.ex'), 2, 'an origin need not be told to its end');
  t.same(await files.restsOf((fourth as FileName).url), []);
});

t.test('what others remove first is not counted', async (t) => {
  const { files, calls, put } = filesOf(t);
  const name = await put(fresh());
  calls.unlink = failing('ENOENT');
  t.equal((await files.removeOf(new Set([name.url]))).size, 0);
  t.equal(await files.removeAll('http://origin.example/'), 0);
});

t.test('removeOf() lists each folder once, and none where the index knows all', async (t) => {
  const { files, calls, put } = filesOf(t, { isAlone: true });
  const name = await put(fresh());
  const { readdir } = calls;
  const listed: string[] = [];
  calls.readdir = (path) => {
    listed.push(path);
    return readdir(path);
  };
  const shard = name.url.slice(0, 2);
  const urls = new Set([name.url, `${shard}${'0'.repeat(30)}`, `${shard}${'1'.repeat(30)}`]);
  t.same([...(await files.removeOf(urls))], [[name.url, 1]]);
  t.equal(listed.length, 1);
  const other = await put(fresh());
  files.isScanned = true;
  t.same([...(await files.removeOf(new Set([other.url])))], [[other.url, 1]]);
  t.equal(listed.length, 1);
});

t.test('removeAll() of nothing named removes all', async (t) => {
  const { files, put } = filesOf(t);
  await put(fresh());
  await put(fresh({ url: 'https://other.example/' }), 1);
  t.equal(await files.removeAll(''), 2);
});
