/** deploy/rollback squid: a name leads to where it led before the deployment, also where that was nowhere, and none is left at Weir. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { verifyMain } from '../../deploy/lib/verify-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import { SQUID } from '../fixtures/deploy/site.ts';

const GOOGLE = 'google.intra.aibang.local.';

/** Deployed while `google` led there. */
async function deployed(t: Test, google: string | undefined): Promise<LivingSite> {
  const site = new LivingSite(t);
  if (google === undefined) site.cloud.records.delete(GOOGLE);
  else site.cloud.records.set(GOOGLE, google);
  t.match(await site.run(deployMain), { status: 0 });
  await site.run(verifyMain, ['--only', 'tier1-ready']);
  t.equal(site.cloud.records.get(GOOGLE), '10.96.0.129');
  return site;
}

t.test('a name that led nowhere leads nowhere again, however often it is broken off', async (t) => {
  const whole = await deployed(t, undefined);
  whole.changes.length = 0;
  t.match(await whole.run(rollbackMain, ['squid']), { status: 0 });
  const breakAt = whole.changes.findIndex((line) => line.includes('record-sets delete google')) + 1;
  t.not(breakAt, 0);
  for (const when of ['before', 'after'] as const) {
    const site = await deployed(t, undefined);
    const dry = await site.run(rollbackMain, ['squid', '--dry-run']);
    t.match(dry.out.join('\n'), /record-sets delete google/);
    t.match(await site.run(rollbackMain, ['squid'], { breakAt, when }), { status: 1 });
    t.match(await site.run(rollbackMain, ['squid']), { status: 0 });
    t.same([...site.cloud.records], [['microsoft.intra.aibang.local.', SQUID]]);
    t.notOk(site.state().facts['dns.google.moved']);
  }
});

t.test('one that somebody has led elsewhere meanwhile is left there', async (t) => {
  const site = await deployed(t, undefined);
  site.cloud.records.set(GOOGLE, '10.0.0.7');
  const ran = await site.run(rollbackMain, ['squid']);
  t.match(ran, { status: 0 }, ran.err.join('\n'));
  t.match(
    ran.err.join('\n'),
    /✓ back:dns:google .*: it leads to 10\.0\.0\.7, which is not Weir, and is left alone/,
  );
  t.equal(site.cloud.records.get(GOOGLE), '10.0.0.7');
});

t.test(
  'where nobody knows what was before it is led by hand, and nothing is deleted until then',
  async (t) => {
    const site = await deployed(t, '10.96.0.129');
    const ran = await site.run(rollbackMain, ['squid']);
    t.match(ran, { status: 1 });
    t.match(ran.err.join('\n'), /✗ back:dns:google .*\n {2}google\.intra\.aibang\.local still leads to Weir/);
    t.not(site.image, '', 'nothing is deleted');
    site.cloud.records.set(GOOGLE, SQUID);
    t.match(await site.run(rollbackMain, ['squid']), { status: 0 });
    t.equal(site.image, '');
  },
);

t.test('what a zone has no name for yet is not taken for what was before', async (t) => {
  const folder = join(t.testdir({ dns: {} }), 'dns');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'kustomization.yaml'), 'resources: []\n');
  writeFileSync(join(folder, 'a.zone'), `microsoft  IN A  ${SQUID}\n`);
  const site = new LivingSite(t, { DNS: 'kube-dns', DNS_FOLDER: folder });
  site.cloud.records.set('microsoft.intra.aibang.local.', '10.96.0.128').set(GOOGLE, '10.96.0.129');
  t.match((await site.run(deployMain)).err.at(-2), /has no record of google/);
  writeFileSync(join(folder, 'a.zone'), `microsoft  IN A  ${SQUID}\ngoogle  IN A  ${SQUID}\n`);
  t.match(await site.run(deployMain), { status: 0 });
  t.match(site.state().facts, { 'dns.google.before': SQUID });
});
