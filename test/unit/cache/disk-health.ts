import t from 'tap';
import { DiskHealth } from '#cache/disk-health.ts';

t.test('a disk is well until something fails, and again when something is written', async (t) => {
  let nowMs = 0;
  const health = new DiskHealth(() => nowMs);
  t.same([health.isWell, health.isResting, health.hasFailed, health.offBy], [true, false, false, undefined]);
  health.noteFailed();
  t.same([health.isWell, health.isResting, health.hasFailed], [false, true, true]);
  nowMs = 9_999;
  t.equal(health.isResting, true);
  nowMs = 10_000;
  t.same([health.isWell, health.isResting], [false, false], 'it is tried again, and nobody knows yet');
  health.noteWritten();
  t.same([health.isWell, health.hasFailed], [true, false]);
});

t.test('it is not well while anybody who waits no longer would wait still', async (t) => {
  const health = new DiskHealth(() => 0);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  health.noteLate(first.promise);
  health.noteLate(second.promise);
  first.resolve();
  await first.promise;
  t.equal(health.isWell, false);
  second.resolve();
  await second.promise;
  t.equal(health.isWell, true);
});

t.test('what is turned off stays so', async (t) => {
  const health = new DiskHealth(() => 0);
  const error = new Error('EROFS');
  health.turnOff(error);
  health.noteWritten();
  t.same([health.isWell, health.isResting], [false, false]);
  t.equal(health.offBy, error);
});
