import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import t from 'tap';
import { failing, fresh, nameOf, storedBody, writerOf } from '../../fixtures/cache-disk.ts';
import { NOW } from '../../fixtures/cache-entry.ts';

const MIB = 2 ** 20;
const URL = 'http://origin.example/';

t.test('what is put is pending until it is on disk, and counted there', async (t) => {
  const { writer, files, there, changes, puts } = writerOf(t);
  const kept = fresh();
  writer.put(kept);
  t.same(writer.pendingFor(URL), [kept]);
  t.ok(changes[0]?.(URL));
  await writer.settled();
  t.same(writer.pendingFor(URL), []);
  t.same(await there(), [200]);
  t.same([files.index.bytes, files.index.size], [4096, 1]);
  await puts(fresh({ status: 404, answerMs: NOW + 1 }));
  t.same(await there(), [404], 'another takes its place');
  t.same([files.index.bytes, files.index.size], [4096, 1]);
  await writer.purge(URL);
  t.ok(changes.at(-1)?.(URL));
});

t.test('of two for the same the later one is written', async (t) => {
  const { there, puts } = writerOf(t);
  await puts(fresh({ status: 201 }), fresh({ status: 202 }), fresh({ status: 203, partition: 'q' }));
  t.same((await there()).toSorted(), [202, 203]);
});

t.test('what was unused for longest makes way before there is too much', async (t) => {
  const { files, there, puts } = writerOf(t, { maxBytes: 8192 });
  for (const path of ['1', '2', '3']) await puts(fresh({ url: URL + path }));
  t.same([await there(`${URL}1`), await there(`${URL}2`), await there(`${URL}3`)], [[], [200], [200]]);
  t.equal(files.index.bytes, 8192);
});

t.test('what does not fit is not written, and what it would have replaced goes', async (t) => {
  const { writer, files, there, puts } = writerOf(t);
  await puts(fresh());
  await puts(fresh({ body: Buffer.alloc(2 * MIB), answerMs: NOW + 1 }));
  t.same(await there(), []);
  t.equal(files.index.size, 0);
  t.equal(writer.drops, 1);
  await puts(fresh({ headers: ['X', 'x'.repeat(2 * MIB)] }));
  t.equal(writer.drops, 2, 'nor a head that is too large');
});

t.test('what waits is bounded: more is not written, and what it would have replaced goes', async (t) => {
  const { writer, there, puts } = writerOf(t, { maxBytes: 64 * MIB });
  await puts(fresh());
  writer.put(fresh({ url: `${URL}1`, body: Buffer.alloc(17 * MIB) }));
  writer.put(fresh({ answerMs: NOW + 1 }));
  t.equal(writer.drops, 1);
  t.same([writer.hides(URL), writer.hides(`${URL}1`)], [true, false]);
  await writer.settled();
  t.same(await there(), []);
  t.same(await there(`${URL}1`), [200], 'one larger one waits alone');
});

t.test('remove() takes away that answer and older ones, and nothing newer', async (t) => {
  const { writer, there, puts } = writerOf(t);
  const kept = fresh();
  await puts(kept);
  const removed = writer.remove(kept);
  t.ok(writer.hides(URL));
  await removed;
  t.notOk(writer.hides(URL));
  t.same(await there(), []);
  await puts(fresh({ answerMs: NOW + 1 }));
  await writer.remove(kept);
  t.same(await there(), [200]);
  await writer.remove(fresh({ url: `${URL}1` }));
  const wide = fresh({ names: ['x'.repeat(200)] });
  await puts(wide);
  await writer.remove(wide);
  t.same(await there(), [200], 'what no name can hold is never there');
});

t.test('what is called off is not written, begun or not', async (t) => {
  const { path, writer, there, changes, puts } = writerOf(t);
  const urls = Array.from({ length: 9 }, (_, index) => `${URL}${index}`);
  const putting = puts(...urls.map((url) => fresh({ url })));
  t.equal(changes.length, 9);
  for (const url of urls) void writer.purge(url);
  await putting;
  t.same((await Promise.all(urls.map(there))).flat(), []);
  t.same(readdirSync(`${path}/unfinished`), []);
});

t.test('what fits by its body alone is not written', async (t) => {
  const { path, writer, there, puts } = writerOf(t, { maxBytes: 8192 });
  await puts(fresh({ body: Buffer.alloc(8192) }));
  t.same([await there(), writer.drops], [[], 1]);
  t.same(readdirSync(`${path}/unfinished`), []);
});

t.test('remove() calls off what is not written yet', async (t) => {
  const { writer, there, puts } = writerOf(t);
  const [kept, other] = [fresh(), fresh({ partition: 'q', status: 404 })];
  const putting = puts(fresh({ url: `${URL}1` }), kept, other);
  void writer.remove(kept);
  t.same(writer.pendingFor(URL), [other]);
  await putting;
  t.same(await there(), [404]);
});

t.test('purgeAll() takes away all whose URL begins so', async (t) => {
  const { writer, there, puts } = writerOf(t);
  const urls = [`${URL}a/1`, `${URL}a/2`, `${URL}b`, 'http://origin.examples/a/1'];
  await puts(...urls.map((url) => fresh({ url })));
  writer.put(fresh({ url: `${URL}a/3` }));
  writer.put(fresh({ url: `${URL}c` }));
  t.equal(await writer.purgeAll(`${URL}a/`), 2);
  t.same(await Promise.all(urls.map(there)), [[], [], [200], [200]]);
  t.same(await there(`${URL}a/3`), []);
  t.equal(await writer.purgeAll('http://origin.ex'), 3, 'an origin need not be told to its end');
});

t.test('of other processes what is older goes as well', async (t) => {
  const { puts, there, putAs } = writerOf(t, { isAlone: false });
  await putAs(fresh({ status: 404, answerMs: NOW - 1 }), 1);
  await putAs(fresh({ status: 410, answerMs: NOW + 1 }), 2);
  await puts(fresh());
  t.same((await there()).toSorted(), [200, 410]);
});

t.test('after a fault nothing is written for a while, and nothing old is left', async (t) => {
  const { writer, calls, faults, health, clock, there, puts } = writerOf(t);
  await puts(fresh());
  const { rename } = calls;
  calls.rename = failing('ENOSPC');
  await puts(fresh({ status: 404 }));
  calls.rename = rename;
  t.same([faults, health.isWell], [['write'], false]);
  await writer.settled();
  t.same(await there(), []);
  clock.nowMs = 9_999;
  await puts(fresh());
  t.same([await there(), writer.drops], [[], 1]);
  clock.nowMs = 10_000;
  await puts(fresh());
  t.same([await there(), health.isWell], [[200], true]);
});

t.test('where something cannot be taken away, the disk is not used any more', async (t) => {
  const { writer, calls, faults, health, there, puts } = writerOf(t);
  await puts(fresh());
  const { unlink } = calls;
  calls.unlink = failing('EROFS');
  t.equal(await writer.purge(URL), undefined);
  t.same([faults, health.offBy?.message, writer.hides('http://any.example/')], [['remove'], 'EROFS', true]);
  await puts(fresh({ url: `${URL}1` }));
  t.same(await there(`${URL}1`), []);
  t.equal(await writer.purgeAll(URL), undefined);
  calls.unlink = unlink;
  t.equal(await writer.purge(URL), 1, 'what is left there is found again, and removed');
});

t.test('who has left writes nothing, and takes away what is old', async (t) => {
  const { writer, there, puts } = writerOf(t);
  await puts(fresh());
  writer.stop();
  await puts(fresh({ status: 404 }));
  t.same(await there(), []);
});

t.test('removeFile() removes what is not to be used', async (t) => {
  const { writer, there, puts } = writerOf(t);
  await puts(fresh());
  await writer.removeFile(nameOf(fresh()));
  t.same(await there(), []);
});

t.test(
  'makeRoom() removes what is too much, and what there is no room for, and says whether it could',
  async (t) => {
    const { writer, calls, faults, files, puts } = writerOf(t, { maxBytes: 8192 });
    await puts(fresh(), fresh({ url: `${URL}1` }));
    t.equal(await writer.makeRoom([nameOf(fresh())]), true);
    t.equal(files.index.bytes, 4096);
    for (const url of ['00', '01']) files.index.add({ url, rest: 'x', bytes: 4096 });
    const { unlink } = calls;
    calls.unlink = failing('EACCES');
    t.equal(await writer.makeRoom([]), false);
    t.same([faults, files.index.bytes], [['write'], 3 * 4096]);
    calls.unlink = unlink;
    t.equal(await writer.makeRoom([]), true);
    t.equal(files.index.bytes, 8192);
  },
);

t.test('a body that is on disk alone is copied, each block checked', async (t) => {
  const { writer, folder, calls, faults, there, puts } = writerOf(t);
  const kept = fresh({ body: Buffer.alloc(300 * 1024, 'x') });
  await puts(kept);
  const path = folder.pathOf(nameOf(kept));
  await puts(fresh({ phrase: 'Fine', body: await storedBody(path, calls), answerMs: NOW + 1 }));
  const copy = readFileSync(path);
  t.ok(copy.includes('"phrase":"Fine"'));
  t.ok(copy.subarray(-kept.body.length).equals(kept.body as Buffer));
  const body = await storedBody(path, calls);
  truncateSync(path, 200 * 1024);
  await puts(fresh({ body, answerMs: NOW + 2 }));
  await writer.settled();
  t.same(await there(), [], 'what is damaged goes');
  await puts(fresh({ body, answerMs: NOW + 3 }));
  t.same(await there(), [], 'what is gone is not written');
  t.same(faults, []);
});

t.test('where this process knows all there is, only what is replaced goes', async (t) => {
  const { writer, files, there, puts } = writerOf(t);
  files.isScanned = true;
  await puts(fresh(), fresh({ status: 404, partition: 'q' }));
  await puts(fresh({ body: Buffer.alloc(2 * MIB), answerMs: NOW + 1 }));
  t.same([await there(), writer.drops], [[404], 1]);
  const shared = writerOf(t, { isAlone: false });
  await shared.puts(fresh(), fresh({ status: 404, partition: 'q' }));
  await shared.puts(fresh({ body: Buffer.alloc(2 * MIB), answerMs: NOW + 1 }));
  t.same([await shared.there(), shared.writer.drops], [[], 1], 'else all of the URL does');
});

t.test('amid many jobs an answer goes with its URL, and with too many the disk is off', async (t) => {
  const { writer, faults, there, puts } = writerOf(t, { isAlone: false });
  await puts(fresh(), fresh({ url: `${URL}1` }));
  for (let i = 0; i < 5000; i += 1) void writer.makeRoom([]);
  await writer.remove(fresh());
  t.same([await there(), writer.isHanging], [[], false]);
  t.equal(await writer.purgeAll(''), 1);
  for (let i = 0; i < 10_000; i += 1) void writer.makeRoom([]);
  t.equal(await writer.purge(URL), undefined);
  t.same(faults, ['remove']);
});
