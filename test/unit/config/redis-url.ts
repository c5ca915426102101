import t from 'tap';
import { parseRedisUrl } from '#config/redis-url.ts';
import { complaints, config } from '../../fixtures/config.ts';

t.test('parseRedisUrl() reads host, port and whether it is TLS', async (t) => {
  t.match(parseRedisUrl('redis://Redis.Example'), {
    host: { text: 'redis.example' },
    port: 6379,
    isTls: false,
  });
  t.match(parseRedisUrl('rediss://[2001:db8::1]:7000/'), {
    host: { text: '2001:db8::1' },
    port: 7000,
    isTls: true,
  });
});

const WRONG: Readonly<Record<string, RegExp>> = {
  nonsense: /This is no URL of a Redis, write for example/,
  'http://redis.example': /This is no URL of a Redis/,
  'redis:///run/redis.sock': /This is no URL of a Redis/,
  'redis://:s3cr3t@redis.example': /names a user or a password, write username and passwordFile/,
  'redis://t1@redis.example': /names a user or a password/,
  'redis://redis.example/3': /says more than host and port, write "redis:\/\/redis.example"/,
  'redis://redis.example?a=b': /says more than host and port/,
  'redis://redis.example#a': /says more than host and port/,
};

t.test('no complaint about a URL shows the password in it', async (t) => {
  const [complaint = ''] = await complaints(
    config('limits: { store: { redis: { url: "redis://:s3cr3t@h" } } }'),
  );
  t.match(complaint, /names a user or a password/);
  t.notMatch(complaint, 's3cr3t');
});

for (const [text, message] of Object.entries(WRONG)) {
  t.test(`parseRedisUrl() refuses ${text}`, async (t) => {
    t.throws(() => parseRedisUrl(text), { message });
    t.throws(() => parseRedisUrl(text), { message: /^(?!.*s3cr3t)/ });
  });
}
