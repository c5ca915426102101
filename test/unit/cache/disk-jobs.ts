import t from 'tap';
import { DiskJobs } from '#cache/disk-jobs.ts';

t.test('jobs are done one after the other, in their order', async (t) => {
  const jobs = new DiskJobs(() => 0);
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
  const jobs = new DiskJobs(() => 0);
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

t.test('it hangs where one takes more than a minute, whatever those before took', async (t) => {
  let nowMs = 100_000;
  const jobs = new DiskJobs(() => nowMs);
  t.equal(jobs.isHanging, false);
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const [first] = gates.map(({ promise }) => jobs.add(() => promise));
  nowMs += 60_000;
  t.equal(jobs.isHanging, false);
  nowMs += 1;
  t.equal(jobs.isHanging, true);
  gates[0].resolve();
  await first;
  await Promise.resolve();
  t.equal(jobs.isHanging, false, 'the next has just begun');
  nowMs += 60_001;
  t.equal(jobs.isHanging, true);
  gates[1].resolve();
  await jobs.settled();
  t.equal(jobs.isHanging, false);
});
