import t from 'tap';
import { checkRedis } from '#config/crosscheck-redis.ts';
import { outline, told } from '../../fixtures/config.ts';

const FLAWS: Readonly<Record<string, readonly string[]>> = {
  '{ url: "redis://redis.example" }': [],
  '{ url: 1, caFile: ca.pem, passwordFile: p }': [],
  '{ url: "rediss://redis.example", caFile: ca.pem, username: t1, passwordFile: p }': [],
  '{ url: "redis://127.0.0.1", passwordFile: p }': [],
  '{ url: "redis://[::1]:1", passwordFile: p }': [],
  '{ url: "redis://localhost", passwordFile: p }': [],
  '{ url: "redis://10.0.0.1", passwordFile: p }': [
    'limits.store.redis.passwordFile (key): The password would go over the network in clear text. Write rediss in the URL',
  ],
  '{ url: nonsense, passwordFile: p }': [
    'limits.store.redis.passwordFile (key): The password would go over the network in clear text. Write rediss in the URL',
  ],
  '{ url: "redis://redis.example", caFile: ca.pem, username: t1 }': [
    'limits.store.redis.username (key): A user without a password is not let in. Add passwordFile, or remove username',
    'limits.store.redis.caFile (key): Authorities do nothing without TLS. Write rediss in the URL, or remove caFile',
  ],
};

for (const [redis, flaws] of Object.entries(FLAWS)) {
  t.test(`checkRedis() of ${redis}`, async (t) => {
    t.same(told(checkRedis(outline(`limits: { store: { redis: ${redis} } }`))), flaws);
  });
}
