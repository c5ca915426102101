/** Weir's cache on every case of test/fixtures/cache, through one proxy: what follows from a MUST, and what is better for a cache. */
import t from 'tap';
import { CASES, forAll } from '../fixtures/cache/cases.ts';
import { startCaseOrigin } from '../fixtures/cache/origin.ts';
import { runCase } from '../fixtures/cache/run-case.ts';
import { serve } from '../fixtures/served.ts';

t.test('RFC 9111, case by case', async (t) => {
  await using origin = await startCaseOrigin();
  await using proxy = await serve({ access: '[{ name: everything, allow: [all], cache: true }]' });
  const stage = {
    origin,
    host: 'origin.example',
    proxyPort: proxy.port,
    // Which stays with one worker. What it keeps the others have not.
    isOneConnection: proxy.workers > 1,
  };
  const faults = new Map<number, readonly string[]>();
  await forAll(async (one) => {
    faults.set(one.id, await runCase(stage, one.id, one).catch((error: Error) => [error.message]));
  });
  t.ok(CASES.length > 300, `${CASES.length} cases`);
  for (const { id, section, title, level } of CASES)
    t.same(faults.get(id), [], `${section} (${level}): ${title}`);
});
