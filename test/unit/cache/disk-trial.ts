import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DiskHealth } from '#cache/disk-health.ts';
import { DiskJobs } from '#cache/disk-jobs.ts';
import { DiskTrial } from '#cache/disk-trial.ts';
import { failing, filesOf, fresh, writerOf } from '../../fixtures/cache-disk.ts';

const FULL = new Error('ENOSPC');
const MIB = 2 ** 20;

function stage(t: Test, maxBytes = MIB) {
  const { path, ...rest } = filesOf(t, { isAlone: true, maxBytes });
  let nowMs = 0;
  const now = () => nowMs;
  const [health, jobs] = [new DiskHealth(now), new DiskJobs(now)];
  const faults: string[] = [];
  const onFault = (error: unknown) => void faults.push((error as Error).message);
  const trial = new DiskTrial({ files: rest.files, jobs, health, maxBytes, onFault });
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  /** Lets so much time go by, and what is begun then be done. */
  const after = async (ms: number): Promise<void> => {
    nowMs += ms;
    t.clock.advance(ms);
    await jobs.settled();
  };
  const left = (): readonly string[] => readdirSync(join(path, 'unfinished'));
  return { ...rest, health, trial, faults, after, left };
}

/** Makes the disk count what is written to it from now on. */
function counting({ calls }: Pick<ReturnType<typeof stage>, 'calls'>): () => number {
  const { open } = calls;
  let bytes = 0;
  calls.open = async (...args) => {
    const file = await open(...args);
    return {
      read: (...rest) => file.read(...rest),
      close: () => file.close(),
      write: async (...rest) => {
        bytes += rest[2];
        return await file.write(...rest);
      },
    };
  };
  return () => bytes;
}

t.test('a disk that can be written again is well again, though no answer comes', async (t) => {
  const { health, trial, faults, after, left, calls } = stage(t);
  const written = counting({ calls });
  trial.noteFailed(FULL, 100_000);
  await after(9_999);
  t.same([health.isWell, written()], [false, 0], 'it rests');
  await after(1);
  t.same([health.isWell, written()], [true, 100_000], 'as much is written as could not be');
  t.same([faults, left()], [['ENOSPC'], []]);
});

t.test('it is tried until that can be done, and every failure is told of', async (t) => {
  const { health, trial, faults, after, calls } = stage(t);
  const { open } = calls;
  calls.open = failing('ENOSPC');
  trial.noteFailed(FULL, 1);
  await after(10_000);
  t.same([health.isWell, health.isResting, faults], [false, true, ['ENOSPC', 'ENOSPC']]);
  calls.open = open;
  await after(9_999);
  t.equal(health.isWell, false);
  await after(1);
  t.same([health.isWell, faults.length], [true, 2]);
});

t.test('nor is it well while nothing can make way', async (t) => {
  const { health, trial, faults, after, left, calls, files, put } = stage(t, 4096);
  await put(fresh());
  const { unlink } = calls;
  calls.unlink = async (path) =>
    path.includes('unfinished') ? await unlink(path) : await failing('EACCES')();
  trial.noteFailed(FULL, 0);
  await after(10_000);
  t.same([health.isWell, faults, left()], [false, ['ENOSPC', 'EACCES'], []]);
  calls.unlink = unlink;
  await after(10_000);
  t.same([health.isWell, files.index.size, left()], [true, 0, []]);
});

t.test('nothing is tried where that is of no use', async (t) => {
  const { health, trial, after, calls } = stage(t);
  const written = counting({ calls });
  trial.noteFailed(FULL, 1);
  health.noteWritten();
  await after(10_000);
  t.equal(written(), 0, 'an answer was written');
  trial.noteFailed(FULL, 1);
  await after(5_000);
  trial.noteFailed(FULL, 2 * MIB);
  await after(5_000);
  t.equal(written(), 0, 'it has failed once more');
  await after(5_000);
  t.equal(written(), MIB, 'no more than may wait to be written');
  trial.noteFailed(FULL, 1);
  health.turnOff(FULL);
  await after(10_000);
  t.equal(written(), MIB, 'it is not used any more');
});

t.test('nor once it is stopped, whenever that is', async (t) => {
  const { health, trial, faults, after, calls } = stage(t);
  const written = counting({ calls });
  trial.noteFailed(FULL, 1);
  trial.stop();
  await after(10_000);
  trial.noteFailed(FULL, 1);
  await after(10_000);
  t.same([health.isWell, written(), faults.length], [false, 0, 2]);
});

t.test('a writer tries after each failed write, until it has left', async (t) => {
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  const { writer, calls, faults, health, clock, files, puts } = writerOf(t);
  const { open } = calls;
  calls.open = failing('ENOSPC');
  await puts(fresh());
  t.clock.advance(10_000);
  await writer.settled();
  t.same([faults, health.isWell], [['write', 'write'], false]);
  calls.open = open;
  t.clock.advance(10_000);
  await writer.settled();
  t.same([faults.length, health.isWell, files.index.size], [2, true, 0]);
  calls.open = failing('ENOSPC');
  clock.nowMs = 10_000;
  await puts(fresh());
  writer.stop();
  t.clock.advance(10_000);
  await writer.settled();
  t.same([faults.length, health.isWell], [3, false]);
});
