/** Weir's cache on every case of test/fixtures/cache, through one proxy: what follows from a MUST, and what is better for a cache. */
import t from 'tap';
import { playCases } from '../fixtures/cache/play-cases.ts';
import { serve } from '../fixtures/served.ts';

t.test('RFC 9111, case by case', async (t) => {
  await using proxy = await serve({ access: '[{ name: everything, allow: [all], cache: true }]' });
  // A case stays with one worker. What it keeps the others have not.
  const played = await playCases({ proxyPort: proxy.port, isOneConnection: proxy.workers > 1 });
  t.ok(played.length > 300, `${played.length} cases`);
  for (const { title, faults } of played) t.same(faults, [], title);
});
