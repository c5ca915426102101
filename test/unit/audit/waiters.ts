import t from 'tap';
import { Waiters } from '#audit/waiters.ts';

const never = (): void => {};

t.test('those who come together wait together, until their last record is written', async (t) => {
  const waiters = new Waiters(never);
  const first = waiters.wait(1);
  t.equal(waiters.wait(2), first);
  waiters.seal();
  const second = waiters.wait(3);
  t.not(second, first);
  waiters.written(1);
  t.equal(await Promise.race([first, 'waits']), 'waits');
  waiters.written(2);
  t.equal(await first, undefined);
  t.equal(await Promise.race([second, 'waits']), 'waits');
  waiters.written(3);
  t.equal(await second, undefined);
  const third = waiters.wait(4);
  t.not(third, second, 'a group that is done takes no members');
  waiters.written(4);
  await third;
});

t.test('all are told of a failure, and those who come later wait anew', async (t) => {
  const waiters = new Waiters(never);
  const one = waiters.wait(1);
  waiters.seal();
  const two = waiters.wait(2);
  waiters.fail(new Error('full'));
  await t.rejects(one, /full/);
  await t.rejects(two, /full/);
  const three = waiters.wait(3);
  waiters.written(3);
  await three;
  waiters.fail(new Error('nobody is there'));
});

t.test('a write that takes too long is told', async (t) => {
  const stalled = Promise.withResolvers<void>();
  const waiters = new Waiters(stalled.resolve, 1);
  const waiting = waiters.wait(1);
  await stalled.promise;
  waiters.fail(new Error('too long'));
  await t.rejects(waiting, /too long/);
});

t.test('patience that is allowed later is for those who wait already', async (t) => {
  const stalled = Promise.withResolvers<void>();
  const waiters = new Waiters(stalled.resolve, 60_000);
  const waiting = waiters.wait(1);
  waiters.allow(1);
  await stalled.promise;
  waiters.allow(60_000);
  waiters.written(1);
  await t.resolves(waiting);
});
