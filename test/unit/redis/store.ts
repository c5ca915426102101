import t from 'tap';
import { innerLimit, type RedisOptions } from '#limit/options.ts';
import { RedisStore } from '#redis/store.ts';
import { fakeRedis } from '../../fixtures/fake-redis.ts';
import { limitOptions } from '../../fixtures/limits.ts';
import { owned } from '../../fixtures/owned.ts';
import { closedPort } from '../../fixtures/sockets.ts';
import { eventually } from '../../fixtures/within.ts';

function optionsOf(port: number): RedisOptions {
  return {
    host: '127.0.0.1',
    port,
    tls: undefined,
    username: undefined,
    passwordFile: undefined,
    timeoutMs: 5_000,
  };
}

class Heard {
  readonly lines: string[] = [];
  readonly #take = (level: string) => (facts: object, message: string) => {
    this.lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  };
  readonly log = { info: this.#take('info'), warn: this.#take('warn') };
}

const FEW = limitOptions({ tunnels: 4 });

t.test('RedisStore counts in Redis, and what is of Weir itself in memory', async (t) => {
  const redis = owned(t, await fakeRedis(() => '*2\r\n:0\r\n:0\r\n'));
  const heard = new Heard();
  const store = new RedisStore(optionsOf(redis.port), heard.log, () => 1);
  t.teardown(() => store.close());
  t.equal(store.isUp, false);
  await eventually(() => store.isUp, 'Redis to count');
  t.match(heard.lines, [/^info Redis counts the limits {"redis":"127.0.0.1:\d+"}/]);
  t.equal(await store.open(FEW).of('a').take('tunnels', 1), 0, 'it grants nothing');
  const asked = redis.asked.length;
  t.equal(
    await store
      .open(innerLimit('@peer', 'global', 2))
      .of('a')
      .take('tunnels', 1),
    1,
  );
  t.equal(redis.asked.length, asked);
  await redis[Symbol.asyncDispose]();
  await eventually(() => heard.lines.length > 1, 'a warning');
  t.equal(store.isUp, false);
});

t.test('where Redis is away a host counts its share', async (t) => {
  const heard = new Heard();
  const store = new RedisStore(optionsOf(await closedPort()), heard.log, () => 2);
  t.teardown(() => store.close());
  await eventually(() => heard.lines.length > 0, 'a warning');
  t.match(heard.lines, [/^warn Redis does not count the limits, .*"why":".*ECONNREFUSED/]);
  const quota = store.open(FEW).of('a');
  const granted = [];
  for (let count = 0; count < 3; count += 1) granted.push(await quota.take('tunnels', 1));
  t.same(granted, [1, 1, 0], 'half of four');
});
