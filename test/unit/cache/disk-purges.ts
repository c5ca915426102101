import t from 'tap';
import { DiskPurges } from '#cache/disk-purges.ts';
import { filesOf, fresh, writerOf } from '../../fixtures/cache-disk.ts';

const URL = 'http://origin.example/';

t.test('those that come before the job has begun are of it', async (t) => {
  const { files, put } = filesOf(t);
  await put(fresh());
  const gate = Promise.withResolvers<void>();
  const meant: ((url: string) => boolean)[] = [];
  const purges = new DiskPurges({
    files,
    away: async (isMeant, job) => {
      meant.push(isMeant);
      await gate.promise;
      return await job();
    },
  });
  const counts = [purges.add(URL), purges.add(`${URL}other`), purges.add(URL)];
  t.equal(meant.length, 1);
  t.same([meant[0]?.(URL), meant[0]?.(`${URL}none`)], [true, false]);
  gate.resolve();
  t.same(await Promise.all(counts), [1, 0, 1]);
  t.equal(await purges.add(URL), 0);
  t.equal(meant.length, 2, 'who comes later is of the next');
});

t.test('what cannot be done is told by no number', async (t) => {
  const purges = new DiskPurges({ files: filesOf(t).files, away: async () => undefined });
  t.same([await purges.add(URL), await purges.addAll()], [undefined, undefined]);
});

t.test('where more come than may wait all goes, once', async (t) => {
  const { files, put } = filesOf(t);
  await put(fresh());
  await put(fresh({ url: `${URL}kept` }));
  const gate = Promise.withResolvers<void>();
  const meant: ((url: string) => boolean)[] = [];
  const purges = new DiskPurges({
    files,
    away: async (isMeant, job) => {
      meant.push(isMeant);
      await gate.promise;
      return await job();
    },
  });
  const counts = Array.from({ length: 50_000 }, () => purges.add(URL));
  t.equal(await purges.add(URL), undefined, 'nobody more waits');
  t.equal(meant.length, 1, 'for what goes anyway');
  t.equal(await purges.add(`${URL}other`), undefined);
  t.equal(await purges.add(`${URL}another`), undefined);
  t.same([meant.length, meant[1]?.('http://any.example/')], [2, true]);
  const all = purges.addAll();
  gate.resolve();
  t.same([...new Set(await Promise.all(counts))], [1]);
  t.equal(await all, 1);
  t.equal(meant.length, 2);
  t.same([await purges.add(`${URL}other`), await purges.addAll()], [0, 0], 'and then it is as before');
});

t.test('after one that could not be done the next is tried', async (t) => {
  const { files, put } = filesOf(t);
  await put(fresh());
  let isStuck = true;
  const purges = new DiskPurges({
    files,
    away: async (_isMeant, job) => (isStuck ? undefined : await Promise.resolve().then(job)),
  });
  t.equal(await purges.add(URL), undefined);
  isStuck = false;
  t.equal(await purges.add(URL), 1);
});

t.test('purge() takes away all of a URL, written or not', async (t) => {
  const { writer, there, puts, putAs } = writerOf(t, { isAlone: false });
  await putAs(fresh(), 3);
  const [kept, other] = [fresh({ partition: 'q' }), fresh({ url: `${URL}1` })];
  await puts(kept, other);
  writer.put(fresh({ partition: 'r' }));
  const purged = writer.purge(URL);
  t.ok(writer.hides(URL));
  t.same(writer.pendingFor(URL), []);
  t.equal(await purged, 2);
  t.notOk(writer.hides(URL));
  t.same([await there(), await there(`${URL}1`)], [[], [200]]);
});

t.test('what is put behind a purge stays', async (t) => {
  const { writer, there } = writerOf(t);
  writer.put(fresh());
  void writer.purge(URL);
  writer.put(fresh({ status: 404 }));
  await writer.settled();
  t.same(await there(), [404]);
});

t.test('many that are purged are one job, and turn nothing off', async (t) => {
  const { writer, there, puts, calls, faults } = writerOf(t, { isAlone: false });
  await puts(fresh());
  let lists = 0;
  const { readdir } = calls;
  calls.readdir = (path) => {
    lists += 1;
    return readdir(path);
  };
  for (let i = 0; i < 9_000; i += 1) void writer.purge(`${URL}${i}`);
  const purged = writer.purge(URL);
  writer.put(fresh({ status: 404 }));
  t.equal(await purged, 1);
  t.ok(lists <= 256, `${lists} lists`);
  for (let i = 0; i < 9_000; i += 1) void writer.purge(`${URL}${i}`);
  await writer.settled();
  t.same(await there(), [404], 'what came behind them stays');
  t.same(faults, []);
});
