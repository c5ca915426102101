/** Weir's cache on every case of test/fixtures/cache, through one proxy: what follows from a MUST, and what is better for a cache. */
import t from 'tap';
import { playCases } from '../fixtures/cache/play-cases.ts';
import { serve } from '../fixtures/served.ts';

t.test('RFC 9111, case by case', async (t) => {
  await using proxy = await serve({ access: '[{ name: everything, allow: [all], cache: true }]' });
  await playCases(t, proxy);
});
