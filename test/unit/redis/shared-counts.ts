import t, { type Test } from 'tap';
import type { Ask, Grant } from '#limit/lending.ts';
import { innerLimit } from '#limit/options.ts';
import type { Counting } from '#redis/client.ts';
import { SharedCounts } from '#redis/shared-counts.ts';
import { limitOptions } from '../../fixtures/limits.ts';
import { eventually } from '../../fixtures/within.ts';

const limit = limitOptions({ tunnels: 4 });

function ask(parts: Partial<Ask> = {}): Ask {
  return { kind: 'take', limit, key: 'a', resource: 'tunnels', amount: 1, quota: 1, ...parts };
}

/** A Redis that grants whatever is wanted, unless it is told to do otherwise. */
class FakeRedis implements Counting {
  isReady = true;
  readonly asked: (readonly string[])[] = [];
  count: Counting['count'] = (_key, words) => {
    this.asked.push(words);
    return Promise.resolve([Number(words[1]), 0]);
  };
  ping: Counting['ping'] = () => Promise.resolve();
}

function stage(t: Test, timeoutMs = 1_000) {
  const redis = new FakeRedis();
  const insured: Ask[] = [];
  const grants: Grant[] = [];
  const told: string[] = [];
  const counts = new SharedCounts({
    redis,
    holder: 'me',
    answer: (more) => grants.push(...more),
    insurance: (asks) => insured.push(...asks),
    onChange: (isUp, why) => told.push(isUp ? 'up' : `away: ${why}`),
    forfeit: () => {},
    timeoutMs,
  });
  t.teardown(() => counts.end());
  const up = async (): Promise<void> => {
    counts.ready();
    await eventually(() => counts.isUp, 'Redis to count');
  };
  return { redis, counts, insured, grants, told, up };
}

t.test('it is the insurance that answers until Redis does', async (t) => {
  const { counts, insured, grants, told, up } = stage(t);
  counts.ask([ask()]);
  t.same(insured, [ask()]);
  counts.insured([{ quota: 1, resource: 'tunnels', granted: 1, retryMs: undefined }]);
  t.equal(grants.length, 1);
  counts.failed('refused');
  counts.failed('refused');
  await up();
  t.same(told, ['away: refused', 'up'], 'once each');
});

t.test('what is taken from Redis is answered by it, and limits of our own never are', async (t) => {
  const { redis, counts, insured, grants, up } = stage(t);
  await up();
  const own = ask({ limit: innerLimit('@peer', 'global', 3), quota: 2 });
  counts.ask([ask({ amount: 2 }), own]);
  await eventually(() => grants.length === 1, 'an answer');
  t.match(grants, [{ quota: 1, granted: 2, retryMs: undefined }]);
  t.same(insured, [own]);
  counts.ask([ask({ kind: 'giveBack', amount: 2 })]);
  await eventually(() => redis.asked.length === 2, 'both to be asked');
  t.same(
    redis.asked.map((words) => words.slice(1, 4)),
    [
      ['2', '0.0625', '0'],
      ['0', '0', '-2'],
    ],
  );
});

t.test('what is used up is answered at once for a while', async (t) => {
  const { redis, counts, grants, up } = stage(t);
  await up();
  let asked = 0;
  redis.count = () => {
    asked += 1;
    return Promise.resolve([0, 45_000]);
  };
  const requests = ask({
    resource: 'requests',
    limit: limitOptions({ requests: { perSecond: 1, burst: 1 } }),
  });
  counts.ask([requests]);
  await eventually(() => grants.length === 1, 'an answer');
  counts.ask([requests]);
  t.equal(grants.length, 2);
  t.equal(asked, 1);
  t.equal(grants[0]?.retryMs, 45_000);
  const second = Number(grants[1]?.retryMs);
  t.ok(second > 40_000 && second <= 45_000, 'as Redis said, though it is asked again in a second');
  const day = ask({ resource: 'bytesPerDay', quota: 2, limit: limitOptions({ bytesPerDay: 1 }) });
  counts.ask([day]);
  await eventually(() => grants.length === 3, 'an answer');
  t.ok(Number(grants[2]?.retryMs) <= 86_400_000, 'until midnight');
});

t.test('a Redis that is too slow is asked no more until it is quick again', async (t) => {
  const { redis, counts, insured, told, up } = stage(t, 5);
  await up();
  const stuck = Promise.withResolvers<never>();
  redis.count = () => stuck.promise;
  const ping = Promise.withResolvers<void>();
  redis.ping = () => ping.promise;
  counts.ask([ask(), ask({ kind: 'charge', resource: 'bandwidth' })]);
  await eventually(() => insured.length === 1, 'the insurance to be asked');
  t.equal(counts.isUp, false);
  t.same(insured, [ask()], 'what was spent is not spent twice');
  t.match(told.at(-1), /^away: No answer within 5 ms/);
  counts.ask([ask()]);
  t.equal(insured.length, 2);
  counts.ready();
  redis.count = () => Promise.resolve([0, 0]);
  ping.resolve();
  await eventually(() => counts.isUp, 'Redis to count');
});

t.test('it is looked for again by itself when it failed', async (t) => {
  const { redis, counts, insured, told, up } = stage(t);
  await up();
  redis.count = () => Promise.reject(new Error('gone'));
  redis.ping = () => Promise.reject(new Error('still gone'));
  counts.ask([ask()]);
  await eventually(() => insured.length === 1, 'the insurance to be asked');
  counts.ready();
  redis.ping = () => Promise.resolve();
  await eventually(() => counts.isUp, 'Redis to count');
  t.same(told, ['up', 'away: gone', 'up']);
});

t.test('tunnels that were begun while it was away are counted there when it is back', async (t) => {
  const { redis, counts, insured, grants, up } = stage(t);
  await up();
  counts.ask([ask()]);
  await eventually(() => grants.length === 1, 'an answer');
  counts.failed('gone');
  counts.ask([ask()]);
  counts.insured([{ quota: 1, resource: 'tunnels', granted: 2, retryMs: undefined }]);
  counts.ask([ask({ kind: 'giveBack', amount: 2 })]);
  t.match(insured.at(-1), { kind: 'giveBack', amount: 1 }, 'one of the two was of Redis');
  counts.ask([ask({ kind: 'giveBack', amount: 0 })]);
  redis.asked.length = 0;
  await up();
  t.match(insured.at(-1), { kind: 'giveBack', amount: 1 });
  t.same(
    redis.asked.map((words) => words.at(-1)),
    ['1'],
    'the one that is open',
  );
  counts.ready();
  t.equal(counts.isUp, false, 'a connection that came back may lead to a Redis that has lost all');
  await eventually(() => counts.isUp, 'Redis to count');
});

t.test('Redis is told again and again what is held', async (t) => {
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  const { redis, counts, told } = stage(t);
  t.clock.advance(5000);
  t.same(redis.asked, [], 'not before there is a connection');
  counts.ready();
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  counts.ask([ask()]);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  t.clock.advance(5000);
  t.same(
    redis.asked.map((words) => words.at(-1)),
    ['-1', '1'],
  );
  redis.count = () => Promise.reject(new Error('gone'));
  t.clock.advance(5000);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  t.same(told, ['up', 'away: gone']);
  await counts.end();
  counts.failed('closed');
  t.equal(told.length, 2, 'nothing is told after the end');
});

t.test('at the end all tunnels are given back, and an answer that is none is a fault', async (t) => {
  const { redis, counts, insured, grants, up } = stage(t);
  await up();
  counts.ask([ask()]);
  await eventually(() => grants.length === 1, 'an answer');
  redis.asked.length = 0;
  await counts.end();
  t.same(
    redis.asked.map((words) => words.at(-1)),
    ['0'],
  );
  const other = stage(t);
  await other.up();
  other.redis.count = () => Promise.resolve(['many', 0] as unknown as [number, number]);
  other.counts.ask([ask()]);
  await eventually(() => other.insured.length === 1, 'the insurance to be asked');
  t.match(other.told.at(-1), /Redis answers what is no count/);
  t.same(insured, []);
});

t.test('at the end Redis is asked nothing more, whatever becomes of what was asked', async (t) => {
  const { redis, counts, insured, grants, told, up } = stage(t);
  redis.isReady = false;
  counts.ready();
  redis.isReady = true;
  t.equal(counts.isUp, false, 'a connection that is gone again');
  await up();
  counts.ask([ask()]);
  await eventually(() => grants.length === 1, 'an answer');
  const broken = Promise.withResolvers<never>();
  redis.count = () => broken.promise;
  counts.ask([ask({ quota: 2 })]);
  const ended = counts.end();
  broken.reject(new Error('gone'));
  await ended;
  await eventually(() => insured.length === 1, 'the insurance to be asked');
  t.same(told, ['up']);
});

t.test('what is held by very many is told by parts', async (t) => {
  const { redis, counts, grants, up } = stage(t);
  await up();
  counts.ask(Array.from({ length: 1500 }, (_, quota) => ask({ quota, key: `${quota}` })));
  await eventually(() => grants.length === 1500, 'answers');
  const waiting: (() => void)[] = [];
  redis.count = () => new Promise((resolve) => waiting.push(() => resolve([0, 0])));
  counts.ready();
  await eventually(() => waiting.length === 1000, 'the first part');
  t.equal(counts.isUp, false, 'not before all are told');
  for (const answer of waiting.splice(0)) answer();
  await eventually(() => waiting.length === 500, 'the second part');
  for (const answer of waiting.splice(0)) answer();
  await eventually(() => counts.isUp, 'Redis to count');
  redis.count = () => Promise.resolve([0, 0]);
});
