/** The script as a real Redis runs it. */
import t, { type Test } from 'tap';
import { RedisConnection } from '#redis/client.ts';
import { SCRIPT } from '#redis/script.ts';
import { Redis } from '../../fixtures/redis.ts';
import { needTool } from '../../fixtures/tools.ts';
import { eventually } from '../../fixtures/within.ts';

t.match(SCRIPT, /^\nlocal kind, key = /);

/** Runs it on keys of the test's own; undefined: there is no Redis. */
async function scriptIn(t: Test) {
  const program = await needTool(t, 'redis-server');
  if (program === undefined) return undefined;
  const { port } = await Redis.start(t, program);
  const none = { tls: undefined, username: undefined, passwordFile: undefined };
  const redis = new RedisConnection(
    { host: '127.0.0.1', port, timeoutMs: 50, ...none },
    { onReady: () => {}, onError: () => {} },
  );
  t.teardown(() => redis.close());
  redis.open();
  await eventually(() => redis.isReady, 'Redis');
  return (kind: string, ...numbers: (number | string)[]) =>
    redis.count(`key of ${kind}`, [kind, ...numbers.map(String)]);
}

t.test(
  'a rate lends what is wanted, a part of what is left beyond, and never what is not there',
  async (t) => {
    const run = await scriptIn(t);
    if (run === undefined) return;
    // One comes back in an hour.
    const size = [1 / 3_600_000, 32];
    t.match(await run('rate', 1, 1 / 16, 0, ...size), [2], 'a sixteenth of all');
    t.match(await run('rate', 1, 0, 0, ...size), [1]);
    t.match(await run('rate', 0, 0, 20, ...size), [0], 'spent');
    const [granted, retryMs] = await run('rate', 10, 0, 0, ...size);
    t.equal(granted, 9, 'what is left');
    t.ok(retryMs > 3_000_000 && retryMs <= 3_600_001, `${retryMs} ms until the next`);
    t.match(await run('rate', 0, 0, -40, ...size), [0, 0], 'given back');
    t.match(await run('rate', 99, 0, 0, ...size), [32], 'and no more than all');
  },
);

t.test('a day counts to its most', async (t) => {
  const run = await scriptIn(t);
  if (run === undefined) return;
  t.same(await run('day', 60, 0, 0, 100, 60_000), [60, 0]);
  t.same(await run('day', 60, 0, 0, 100, 60_000), [40, 0]);
  t.same(await run('day', 0, 0, -10, 100, 60_000), [0, 0]);
  t.same(await run('day', 60, 0, 0, 100, 60_000), [10, 0]);
});

t.test('tunnels are those of each process, until its lease is over', async (t) => {
  const run = await scriptIn(t);
  if (run === undefined) return;
  t.same(await run('held', 3, 0, 0, 4, 'one', 60_000, -1), [3, 0]);
  t.same(await run('held', 3, 0, 0, 4, 'two', 60_000, -1), [1, 0], 'what the other has left');
  t.same(await run('held', 0, 0, 0, 4, 'one', 60_000, 1), [0, 0], 'it says how many it has');
  t.same(await run('held', 3, 0, 0, 4, 'two', 60_000, -1), [2, 0]);
  t.same(await run('held', 0, 0, -3, 4, 'two', 60_000, -1), [0, 0]);
  t.same(await run('held', 4, 0, 0, 4, 'three', 30, -1), [3, 0], 'for a moment');
  t.same(await run('held', 0, 0, 0, 4, 'one', 60_000, 1), [0, 0], 'it is there still');
  await eventually(async () => (await run('held', 3, 0, 0, 4, 'four', 60_000, -1))[0] === 3, 'its end');
});
