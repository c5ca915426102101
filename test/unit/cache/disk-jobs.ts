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

t.test('what is urgent overtakes the rest, which gets its turns', async (t) => {
  const jobs = new DiskJobs(() => 0);
  const done: string[] = [];
  const add = (name: string, isUrgent: boolean): Promise<unknown> =>
    jobs.add(async () => void done.push(name), isUrgent);
  for (let i = 0; i < 70; i += 1) void add(`${i}`, false);
  for (const name of ['a', 'b']) void add(name, true);
  await jobs.settled();
  t.same([done[0], done[1], done.indexOf('b'), done.length], ['a', '0', 65, 72]);
  for (const name of ['c', 'd']) void add(name, true);
  await jobs.settled();
  t.same(done.slice(72), ['c', 'd'], 'where no rest waits it has no turns');
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
