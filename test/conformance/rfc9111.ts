/** Weir's cache on every case of test/fixtures/cache, through one proxy: what follows from a MUST, and what is better for a cache. */
import t from 'tap';
import { CASES, forAll } from '../fixtures/cache/cases.ts';
import { startCaseOrigin } from '../fixtures/cache/origin.ts';
import { runCase } from '../fixtures/cache/run-case.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';

t.test('RFC 9111, case by case', async (t) => {
  await using origin = await startCaseOrigin();
  await using proxy = await startProxy(
    yamlOf({ access: '[{ name: everything, allow: [all], cache: true }]', cache: '{ memory: 64MiB }' }),
  );
  const stage = { origin, host: 'origin.example', proxyPort: proxy.port };
  const faults = new Map<number, readonly string[]>();
  await forAll(async (one) => {
    faults.set(one.id, await runCase(stage, one.id, one).catch((error: Error) => [error.message]));
  });
  t.ok(CASES.length > 300, `${CASES.length} cases`);
  for (const { id, section, title, level } of CASES)
    t.same(faults.get(id), [], `${section} (${level}): ${title}`);
});
