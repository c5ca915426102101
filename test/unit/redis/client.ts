import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { RedisOptions } from '#limit/options.ts';
import { RedisConnection } from '#redis/client.ts';
import { SCRIPT } from '#redis/script.ts';
import { type FakeRedis, fakeRedis } from '../../fixtures/fake-redis.ts';
import { owned } from '../../fixtures/owned.ts';
import { closedPort } from '../../fixtures/sockets.ts';
import { eventually } from '../../fixtures/within.ts';

const GRANTED = '*2\r\n:3\r\n:7\r\n';

function optionsOf(port: number, more: Partial<RedisOptions> = {}): RedisOptions {
  const none = { tls: undefined, username: undefined, passwordFile: undefined };
  return { host: '127.0.0.1', port, timeoutMs: 50, ...none, ...more };
}

/** A connection that begins, and what it says. */
function open(t: Test, options: RedisOptions) {
  const errors: Error[] = [];
  let ready = 0;
  const redis = new RedisConnection(options, {
    onReady: () => {
      ready += 1;
    },
    onError: (error) => errors.push(error),
  });
  t.teardown(() => redis.close());
  redis.open();
  return { redis, errors, untilReady: () => eventually(() => ready > 0, 'Redis to be ready') };
}

async function redisOf(t: Test, answer: Parameters<typeof fakeRedis>[0] = () => GRANTED): Promise<FakeRedis> {
  return owned(t, await fakeRedis(answer));
}

t.test('count() runs the script by its digest, and tells it where that is not known', async (t) => {
  const fake = await redisOf(t, ([command]) =>
    command === 'EVAL' ? GRANTED : '-NOSCRIPT No matching script\r\n',
  );
  const { redis, errors, untilReady } = open(t, optionsOf(fake.port));
  await untilReady();
  t.equal(redis.isReady, true);
  await redis.ping();
  t.same(await redis.count('key', ['rate', '1']), [3, 7]);
  t.match(fake.asked.slice(-2), [
    ['EVALSHA', /^[\da-f]{40}$/, '1', 'key', 'rate', '1'],
    ['EVAL', SCRIPT, '1', 'key', 'rate', '1'],
  ]);
  t.same(errors, []);
});

t.test('count() fails as Redis says', async (t) => {
  const fake = await redisOf(t, () => '-OOM command not allowed\r\n');
  const { redis, untilReady } = open(t, optionsOf(fake.port));
  await untilReady();
  await t.rejects(redis.count('key', []), { message: /^OOM/ });
});

t.test('a password is read when it connects, with a user or without', async (t) => {
  const passwordFile = join(t.testdir({ password: 'secret of redis\r\n' }), 'password');
  for (const username of ['weir', undefined]) {
    const fake = await redisOf(t);
    await open(t, optionsOf(fake.port, { username, passwordFile })).untilReady();
    const shown = fake.asked.find(([command]) => command === 'AUTH');
    t.same(shown, ['AUTH', ...(username === undefined ? [] : [username]), 'secret of redis']);
  }
});

t.test('it tells why there is no connection, and asks nothing meanwhile', async (t) => {
  const { redis, errors } = open(t, optionsOf(await closedPort()));
  t.equal(redis.isReady, false);
  await t.rejects(redis.ping(), { message: 'There is no connection yet' }, 'before there is a client');
  await eventually(() => errors.length > 1, 'another attempt');
  t.match(errors[0], { code: 'ECONNREFUSED' });
  await t.rejects(redis.count('key', []));
});

t.test('by TLS it talks to nobody who does not', async (t) => {
  const fake = await redisOf(t);
  for (const ca of [undefined, 'no certificate']) {
    const { errors } = open(t, optionsOf(fake.port, { tls: { ca } }));
    await eventually(() => errors.length > 0, 'an error');
  }
  t.same(fake.asked, []);
});

t.test('what is closed at once never connects', async (t) => {
  const fake = await redisOf(t);
  const { redis } = open(t, optionsOf(fake.port));
  redis.close();
  const { untilReady } = open(t, optionsOf(fake.port));
  await untilReady();
  t.equal(redis.isReady, false);
});
