/** src/cache/disk-writer.ts on a disk that is slower than the requests of clients: it is used on, and nothing that was taken away is. */
import t from 'tap';
import { type Calls, fresh, nameOf, writerOf } from '../../fixtures/cache-disk.ts';
import { NOW } from '../../fixtures/cache-entry.ts';

const URL = 'http://origin.example/';

/** Holds such calls until it is called. */
function hold(calls: Calls, name: 'open' | 'readdir'): () => void {
  const gate = Promise.withResolvers<void>();
  const call = calls[name] as (...args: unknown[]) => Promise<never>;
  calls[name] = async (...args: unknown[]) => {
    await gate.promise;
    return await call(...args);
  };
  return gate.resolve;
}

t.test('a purge overtakes what is to be written', async (t) => {
  const { writer, calls, files, there, puts } = writerOf(t);
  await puts(fresh());
  const release = hold(calls, 'open');
  for (let i = 0; i < 200; i += 1) writer.put(fresh({ url: `${URL}${i}` }));
  // The first is being written.
  await new Promise(setImmediate);
  const purged = writer.purge(URL);
  const all = writer.purgeAll('http://other.example/');
  release();
  t.equal(await purged, 1);
  t.ok(files.index.size <= 2, `${files.index.size} were written before`);
  t.equal(await all, 0);
  t.ok(files.index.size <= 70, `${files.index.size} were written before the next`);
  await writer.settled();
  t.same([files.index.size, await there()], [200, []]);
});

for (const isAlone of [true, false])
  t.test(`however much is purged the disk is used on (${isAlone ? 'alone' : 'with others'})`, async (t) => {
    const { writer, calls, health, faults, files, there, puts } = writerOf(t, { isAlone });
    const urls = [0, 50_000, 59_999].map((i) => `${URL}${i}`);
    await puts(...urls.map((url) => fresh({ url })));
    const release = hold(calls, 'open');
    for (const url of urls) writer.put(fresh({ url, status: 404 }));
    for (let i = 0; i < 200; i += 1) writer.put(fresh({ url: `${URL}kept${i}` }));
    await new Promise(setImmediate);
    for (let i = 0; i < 60_000; i += 1) void writer.purge(`${URL}${i}`);
    t.same(
      urls.map((url) => [writer.hides(url), writer.pendingFor(url)]),
      urls.map(() => [true, []]),
    );
    t.equal(writer.pendingFor(`${URL}kept1`).length, 1, 'what nobody meant is written on');
    release();
    await writer.settled();
    t.same([faults, health.isWell, writer.hides(URL)], [[], true, false]);
    t.same((await Promise.all(urls.map(there))).flat(), []);
    t.ok(files.index.size > 100, `${files.index.size} were written behind`);
    await puts(fresh());
    t.same(await there(), [200]);
  });

t.test('a disk that does not answer is used again when it does', async (t) => {
  const { writer, calls, clock, faults, there, puts } = writerOf(t, { isAlone: false });
  await puts(fresh(), fresh({ url: `${URL}other` }));
  const release = hold(calls, 'readdir');
  void writer.purge(URL);
  clock.nowMs = 60_001;
  t.equal(writer.isHanging, true);
  await new Promise(setImmediate);
  for (let i = 0; i < 50_001; i += 1) void writer.purge(`${URL}${i}`);
  t.ok(writer.hides(`${URL}other`), 'of nothing it can be told whether it was purged');
  t.same([faults, writer.isHanging], [[], true]);
  release();
  await writer.settled();
  t.same([writer.isHanging, await there(), await there(`${URL}other`)], [false, [], []]);
  await puts(fresh());
  t.same([await there(), writer.hides(URL)], [[200], false]);
});

t.test('many single answers that are taken away go with their URLs', async (t) => {
  const { writer, calls, faults, there, putAs } = writerOf(t, { isAlone: false });
  const last = fresh({ url: `${URL}10000` });
  await putAs(last, 1);
  const damaged = nameOf(fresh());
  await putAs(fresh(), 0);
  const release = hold(calls, 'readdir');
  for (let i = 0; i < 10_001; i += 1) void writer.remove(fresh({ url: `${URL}${i}` }));
  await writer.removeFile(damaged);
  t.ok(writer.hides(last.url));
  release();
  await writer.settled();
  t.same([faults, await there(last.url), await there()], [[], [], [200]]);
  await writer.removeFile(damaged);
  t.same(await there(), [], 'what is damaged is found again');
});

t.test('all goes at once, and what comes behind stays', async (t) => {
  const { writer, there, puts } = writerOf(t, { isAlone: false });
  await puts(fresh({ url: `${URL}1` }), fresh({ url: 'https://other.example/' }));
  writer.put(fresh({ answerMs: NOW - 1 }));
  const counts = [writer.purgeAll(''), writer.purgeAll('')];
  t.same(writer.pendingFor(URL), []);
  writer.put(fresh({ status: 404 }));
  t.same(await Promise.all(counts), [2, 2]);
  await writer.settled();
  t.same(await there(), [404]);
});

t.test('where more waits than requests can bring about, it is not used any more', async (t) => {
  const { writer, health, faults } = writerOf(t);
  for (let i = 0; i < 10_000; i += 1) void writer.makeRoom([]);
  t.equal(await writer.purge(URL), undefined);
  t.same([faults, health.offBy?.message], [['remove'], 'Too much waits for it']);
  t.ok(writer.hides(URL));
});
