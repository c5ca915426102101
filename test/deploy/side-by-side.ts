/** Weir beside the proxy of before, as the settings begin: whoever has not moved may have other ways out, and going back works all the same. */
import { readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { verifyMain } from '../../deploy/lib/verify-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import type { Ran } from '../fixtures/deploy/site.ts';
import { SQUID } from '../fixtures/deploy/site.ts';
import { again, twice } from '../fixtures/deploy/twice.ts';

/** Ids of checks by what became of them. */
function marked({ err }: Ran, mark: string): readonly string[] {
  return err.flatMap((line) => (line.startsWith(`${mark} `) ? [line.split(' ')[1] ?? ''] : []));
}

for (const [move, left] of [
  ['none', 'microsoft, google'],
  ['microsoft', 'google'],
] as const) {
  for (const severity of ['policy', 'version']) {
    t.test(
      `MOVE=${move}: deploy, verify, rollback ${severity}, verify runs clean twice in a row`,
      async (t) => {
        const site = await twice(t, { MOVE: move, PROMETHEUS: '' });
        for (const mains of [[], [deployMain]] as const) {
          for (const main of [...mains, verifyMain, rollbackMain, verifyMain]) {
            const ran = await site.run(main, main === rollbackMain ? [severity] : []);
            t.match(ran, { status: 0 }, ran.err.join('\n'));
            t.same(marked(ran, '✗'), []);
            if (main === deployMain) continue;
            t.same(marked(ran, '–'), ['bypass', 'bypass-node', 'scraped']);
            t.match(
              ran.err.join('\n'),
              `– bypass  A pod without the proxy gets nowhere: not looked at: clients of ${left} `,
            );
          }
          again(site);
        }
        t.match(await site.run(rollbackMain, ['--suggest']), { out: ['none'] });
        t.notOk(site.cluster.objects.has('api/networkpolicy/only-through-weir'));
      },
    );
  }
}

t.test('who has moved is what the deployment did, and not what the settings say', async (t) => {
  const site = new LivingSite(t, { MOVE: 'all' });
  t.match(await site.run(deployMain, ['--move', 'google']), { status: 0 });
  await site.run(verifyMain, ['--only', 'tier1-ready']);
  const some = await site.run(verifyMain);
  t.match(some, { status: 0 }, some.err.join('\n'));
  t.same(
    marked(some, '✓').filter((id) => id.startsWith('dns:')),
    ['dns:google'],
  );
  t.match(some.err.at(-1), 'Everything holds; not looked at: bypass, bypass-node');
  t.match(await site.run(verifyMain, ['--only', 'bypass']), { status: 1 }, 'by its name it is looked at');
  const settings = readFileSync(site.settings, 'utf8');
  writeFileSync(site.settings, settings.replace('MOVE=all', 'MOVE=none'));
  t.match(await site.run(deployMain, ['--move', 'all']), { status: 0 });
  const all = await site.run(verifyMain);
  t.match(all, { status: 0 }, all.err.join('\n'));
  t.same(marked(all, '–'), []);
  site.cluster.objects.delete('api/cronjob/bypass-canary');
  const gone = await site.run(verifyMain);
  t.same(marked(gone, '✗'), ['bypass', 'bypass-node']);
  t.match(gone.err.join('\n'), /To do: deploy\/deploy --settings \S+ --only clients makes it\. That closes/);
});

t.test(
  'what was closed is looked at, also where another listener joins whose clients have not moved',
  async (t) => {
    const site = await twice(t);
    const settings = readFileSync(site.settings, 'utf8')
      .replace('MOVE=all', 'MOVE=microsoft,google')
      .replace(
        /^LISTENERS=.*/m,
        '$&,other/other.intra.aibang.local/10.96.0.130/tcp://accounts.google.com:443',
      );
    writeFileSync(site.settings, settings);
    t.match(await site.run(deployMain), { status: 0 });
    site.open.add('8.8.8.8:53');
    t.same(marked(await site.run(verifyMain), '✗'), ['bypass']);
  },
);

t.test('squid: who has moved goes back, and whoever had not is left alone', async (t) => {
  const site = await twice(t, { MOVE: 'microsoft' });
  const ran = await site.run(rollbackMain, ['squid']);
  t.match(ran, { status: 0 }, ran.err.join('\n'));
  t.match(ran.err.at(-1), /^Back, and all holds; not looked at: bypass\. Evidence: /);
  t.same([...new Set(site.cloud.records.values())], [SQUID]);
  t.notMatch(site.changes.join('\n'), /record-sets \w+ google/);
});

t.test(
  'squid: where all had moved ways around are looked for, and it is remembered until they are closed',
  async (t) => {
    const site = await twice(t);
    site.open.add('8.8.8.8:53');
    for (const time of ['once', 'again']) {
      const ran = await site.run(rollbackMain, ['squid']);
      t.match(ran, { status: 70 }, time);
      t.match(ran.err.at(-1), /^Back, but does not hold: bypass\./);
    }
    site.open.clear();
    t.match((await site.run(rollbackMain, ['squid'])).err.at(-1), /^Back, and all holds\. /);
  },
);
