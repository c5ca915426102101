import t from 'tap';
import { DiskPurges } from '#cache/disk-purges.ts';
import { filesOf, fresh } from '../../fixtures/cache-disk.ts';

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
    onFull: () => t.fail('there is room'),
  });
  const counts = [purges.add(URL), purges.add(`${URL}other`), purges.add(URL)];
  t.equal(meant.length, 1);
  t.same([meant[0]?.(URL), meant[0]?.(`${URL}none`)], [true, false]);
  gate.resolve();
  t.same(await Promise.all(counts), [1, 0, 1]);
  t.equal(await purges.add(URL), 0);
  t.equal(meant.length, 2, 'who comes later is of the next');
});

t.test('what cannot be done has removed nothing, and more than may wait is told', async (t) => {
  let full = 0;
  const purges = new DiskPurges({
    files: filesOf(t).files,
    away: async () => undefined,
    onFull: () => {
      full += 1;
    },
  });
  const counts = await Promise.all(Array.from({ length: 10_001 }, (_, i) => purges.add(`${URL}${i}`)));
  t.ok(counts.every((count) => count === 0));
  t.equal(full, 1);
});
