import t from 'tap';
import { DiskJobs } from '#cache/disk-jobs.ts';

t.test('jobs are done one after the other, in their order', async (t) => {
  const jobs = new DiskJobs();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = jobs.add(async () => {
    await gate.promise;
    done.push('first');
    return 1;
  });
  void jobs.add(async () => void done.push('second'));
  await Promise.resolve();
  t.same(done, []);
  gate.resolve();
  t.equal(await first, 1);
  await jobs.settled();
  t.same(done, ['first', 'second']);
});

t.test('so many may wait', async (t) => {
  const jobs = new DiskJobs();
  const gate = Promise.withResolvers<void>();
  for (let i = 0; i < 4999; i += 1) void jobs.add(() => gate.promise);
  t.equal(jobs.isCrowded, false);
  for (let i = 0; i < 5000; i += 1) void jobs.add(() => gate.promise);
  t.equal(jobs.isCrowded, true);
  t.equal(jobs.isStuck, false);
  void jobs.add(() => gate.promise);
  t.equal(jobs.isStuck, true);
  gate.resolve();
  await jobs.settled();
  t.equal(jobs.isStuck, false);
});
