import t from 'tap';
import { parse } from 'yaml';
import { limitOptions, storeOptions, withPassword } from '#config/assemble-limits.ts';
import { limits } from '#config/schema-limits.ts';
import { config } from '../../fixtures/config.ts';

const parsed = (yaml: string) => limits.parse(parse(yaml));
const store = (redis: string) => parsed(`{ store: { redis: ${redis} } }`);

t.test('limitOptions() have two seconds of a rate at once where the file does not say', async (t) => {
  const options = limitOptions(
    parsed(`{
      store: { redis: { url: "redis://127.0.0.1" } },
      slow: { per: source, requests: 6/m },
      quick: { per: global, requests: 10/s, burst: 3, tunnels: 4 },
      two: { per: user, requests: 10/s },
      none: { per: user, tunnels: 10 },
    }`),
  );
  t.same(Object.keys(options), ['slow', 'quick', 'two', 'none'], 'the store is no limit');
  t.match(options.slow, { name: 'slow', per: 'source', requests: { perSecond: 0.1, burst: 1 } });
  t.match(options.quick, { requests: { perSecond: 10, burst: 3 }, tunnels: 4, bandwidth: undefined });
  t.same(options.two?.requests, { perSecond: 10, burst: 20 });
  t.equal(options.none?.requests, undefined);
});

t.test('storeOptions() say where Redis is, and by which authority', async (t) => {
  const texts = new Map([['ca.pem', 'CA']]);
  t.equal(storeOptions(parsed('{}'), texts), undefined);
  t.same(storeOptions(store('{ url: "redis://127.0.0.1" }'), texts), {
    host: '127.0.0.1',
    port: 6379,
    tls: undefined,
    username: undefined,
    passwordFile: undefined,
    timeoutMs: 50,
  });
  const secure =
    '{ url: "rediss://redis.example:1", username: t1, passwordFile: p, caFile: ca.pem, timeout: 1s }';
  t.same(storeOptions(store(secure), texts), {
    host: 'redis.example',
    port: 1,
    tls: { ca: 'CA' },
    username: 't1',
    passwordFile: 'p',
    timeoutMs: 1000,
  });
  t.match(storeOptions(store('{ url: "rediss://redis.example" }'), texts)?.tls, { ca: undefined });
});

t.test('withPassword() makes the path absolute', async (t) => {
  const absolute = (name: string): string => `/etc/weir/${name}`;
  t.equal(withPassword(undefined, absolute), undefined);
  const options = { host: 'a', port: 1, tls: undefined, username: undefined, timeoutMs: 50 };
  t.match(withPassword({ ...options, passwordFile: 'p' }, absolute), { passwordFile: '/etc/weir/p' });
  t.match(withPassword({ ...options, passwordFile: undefined }, absolute), { passwordFile: undefined });
});

t.test('a configuration says where its limits are counted', async (t) => {
  const limited = (stored: string) => config(`limits: { ${stored}few: { per: source, tunnels: 1 } }`);
  const [here, there] = await Promise.all([
    limited(''),
    limited('store: { redis: { url: "redis://127.0.0.1" } }, '),
  ]);
  t.equal(here.limitStore, undefined);
  t.match(there.limitStore, { host: '127.0.0.1', port: 6379 });
  t.same(Object.keys(there.limits), ['few']);
  t.not(here.hash, there.hash);
});
