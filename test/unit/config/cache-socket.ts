import t from 'tap';
import { cacheSocket, likelyCacheSocket } from '#config/cache-socket.ts';
import { parseConfig } from '#config/load.ts';
import { yamlOf } from '../../fixtures/proxy.ts';

const CACHING = '[{ name: a, allow: [all], cache: true }]';

t.test(
  'there is a socket where some rule has a cache: the one that is named, or in the directory of the unit',
  async (t) => {
    const plain = await parseConfig(yamlOf());
    const caching = await parseConfig(yamlOf({ access: CACHING }));
    const named = await parseConfig(yamlOf({ access: CACHING, cache: '{ socket: /x/y.sock }' }));
    t.equal(cacheSocket(plain, '/run/weir'), undefined);
    t.equal(cacheSocket(caching, '/run/weir'), '/run/weir/cache.sock');
    t.equal(cacheSocket(caching, undefined), undefined);
    t.equal(cacheSocket(named, '/run/weir'), '/x/y.sock');
    t.equal(cacheSocket(named, undefined), '/x/y.sock');
  },
);

t.test('who asks looks where the service has it, as far as that is known', async (t) => {
  const caching = await parseConfig(yamlOf({ access: CACHING }));
  const named = await parseConfig(yamlOf({ access: CACHING, cache: '{ socket: y.sock }' }));
  t.equal(likelyCacheSocket(undefined, undefined), '/run/weir/cache.sock');
  t.equal(likelyCacheSocket(undefined, '/run/other'), '/run/other/cache.sock');
  t.equal(likelyCacheSocket(caching, undefined), '/run/weir/cache.sock');
  t.match(likelyCacheSocket(named, '/run/other'), /^\/.*\/y\.sock$/, 'absolute');
});
