/** One real supervisor with four real workers: what one has been told of a client is used up for all, whatever becomes of them. */
import process from 'node:process';
import t from 'tap';
import { assertionOf } from '../fixtures/assertions.ts';
import { keyFile, secondTierKeys, trusting } from '../fixtures/hops.ts';
import { folderOf } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { ask, claims, FORMS, fieldsOf, KEY } from '../fixtures/told-tier.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { metric, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { isGone, onEach, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const WORKERS = 4;

t.test(
  'an assertion is good once for all workers, for those that take their place, and after a restart',
  async (t) => {
    const traffic = await Traffic.to(t);
    const target = `origin.example:${traffic.webPort}`;
    const file = keyFile(t, 1);
    const hop = trusting(file, { replayDirectory: folderOf(t) });
    const yaml = yamlOf(secondTierKeys(file, { workers: String(WORKERS), hop }));
    const first = await startWeir(t, yaml);
    // Of what was made before it began nobody could tell whether it was used.
    const fields = fieldsOf(assertionOf(KEY, claims(target)));
    const statuses = (weir: typeof first): Promise<readonly number[]> =>
      onEach(weir, async () => (await ask(weir, FORMS.GET(target), fields)).status);
    const told = (weir: typeof first, result: string): Promise<number> =>
      metric(weir, `weir_hop_assertions_total{result="${result}"}`);

    t.same(await statuses(first), [200, 403, 403, 403], 'whichever worker is asked second');
    t.same([await told(first, 'accepted'), await told(first, 'replayed')], [1, 3], 'one scrape tells of all');
    const claimed = (await first.ended(4)).map(({ namespace }) => namespace);
    // Each worker writes its own lines, in an order of its own.
    t.same(claimed.toSorted(), ['api', undefined, undefined, undefined], 'nobody else is logged as the pod');

    for (const pid of workersOf(first)) process.kill(pid, 'SIGKILL');
    await first.logged('Worker serves', WORKERS - 1);
    t.equal((await ask(first, FORMS.GET(target), fields)).status, 403, 'new workers know it');

    first.signal('SIGKILL');
    await first.exited;
    await eventually(() => workersOf(first).every(isGone), 'workers to be gone');
    const second = await startWeir(t, yaml);
    t.same(await statuses(second), [403, 403, 403, 403], 'and so does another process');
    t.same([await told(second, 'accepted'), await told(second, 'replayed')], [0, 4]);
  },
);
