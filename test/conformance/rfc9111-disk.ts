/** The cases of rfc9111.ts once more, with nothing in memory: all that is kept is read from disk, each time. */
import t from 'tap';
import { BackedStore } from '#cache/backed-store.ts';
import { NOTHING } from '#cache/memory-store.ts';
import { playCases } from '../fixtures/cache/play-cases.ts';
import { folderOf } from '../fixtures/owned.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';

BackedStore.prototype.find = () => NOTHING;

t.test('RFC 9111 from disk alone, case by case', async (t) => {
  const path = folderOf(t);
  const keys = { access: '[{ name: everything, allow: [all], cache: true }]' };
  const yaml = yamlOf({ ...keys, cache: `{ disk: { path: ${path}, size: 64MiB } }` });
  // A machine that has much to do makes no hit a miss.
  await using proxy = await startProxy(yaml, { diskTools: { maxWaitMs: 60_000 } });
  const played = await playCases({ proxyPort: proxy.port, isOneConnection: false });
  t.ok(played.length > 300, `${played.length} cases`);
  for (const { title, faults } of played) t.same(faults, [], title);
});
