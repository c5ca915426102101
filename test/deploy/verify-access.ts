/** deploy/verify and --suggest where cluster, cloud or machines cannot be asked: that is said, and nothing is taken to be broken. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { verifyMain } from '../../deploy/lib/verify-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import type { Ran } from '../fixtures/deploy/site.ts';
import { refused } from '../fixtures/deploy/tool.ts';

async function deployed(t: Test): Promise<LivingSite> {
  const site = new LivingSite(t);
  t.match(await site.run(deployMain), { status: 0 });
  await site.run(verifyMain, ['--only', 'tier1-ready']);
  return site;
}

/** Checks by what became of them. */
function marked({ err }: Ran, mark: string): readonly string[] {
  return err.flatMap((line) => (line.startsWith(`${mark} `) ? [line.split(' ')[1] ?? ''] : []));
}

t.test(
  'who may not ask is told so, once for the cluster and once for the cloud, and to go nowhere back',
  async (t) => {
    const site = await deployed(t);
    const answer = site.more;
    const login = `ERROR: (gcloud) You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login\n\nto obtain new credentials.\n\nIf you have already logged in with a different account, run:\n\n  $ gcloud config set account ACCOUNT\n\nto select an already authenticated account to use.\n`;
    const ofCloud = ['tier2-verify', 'tier2-alike', 'firewall'];
    site.more = (words) => (/gcloud|firewall\.sh/.test(words.join(' ')) ? refused(login) : answer(words));
    const cloud = await site.run(verifyMain);
    t.same([cloud.status, marked(cloud, '✗'), marked(cloud, '–')], [1, ['access-cloud'], ofCloud]);
    t.match(
      cloud.err.join('\n'),
      /You do not currently have an active .*gcloud auth login.*\n {2}To do: gcloud auth login, /s,
    );
    t.equal(cloud.err.at(-1), `Does not hold: access-cloud; not looked at: ${ofCloud.join(', ')}`);
    const advice = await site.run(rollbackMain, ['--suggest']);
    t.match(advice, { status: 1, out: ['mend'] });
    t.match(advice.err.at(-1), /^No way back mends access-cloud: gcloud auth login/);
    t.match(await site.run(verifyMain, ['--dry-run']), { status: 0 });
    site.more = (words) =>
      words[0] === 'kubectl' ? refused('error: context "x" does not exist') : answer(words);
    const cluster = await site.run(verifyMain);
    t.same([marked(cluster, '✗'), marked(cluster, '✓')], [['access-cluster'], ofCloud]);
    t.match(
      cluster.err.join('\n'),
      /cannot be asked: error: context "x" does not exist\n {2}To do: .*correct CONTEXT in /,
    );
    t.notMatch(cluster.err.join('\n'), /deploy\/rollback/);
    t.match((await site.run(rollbackMain, ['--suggest'])).out, ['mend']);
  },
);

t.test(
  'a machine that cannot be reached, and a firewall that cannot be seen, say why, and make nothing',
  async (t) => {
    const site = await deployed(t);
    const answer = site.more;
    const why = 'ERROR: first line\n\nsecond line\n';
    site.more = (words) => (/firewall\.sh|vm\/verify/.test(words.join(' ')) ? refused(why) : answer(words));
    const ran = await site.run(verifyMain);
    t.same(marked(ran, '✗'), ['tier2-verify', 'firewall']);
    const all = ran.err.join('\n');
    t.match(all, /could not be run on int-proxy-a \(1\): ERROR: first line\n {4}second line\n/);
    t.match(
      all,
      /could not be looked at: ERROR: first line\n {4}second line\n {2}To do: .* read what it says/,
    );
    t.notMatch(all, /makes what is missing/);
  },
);

t.test('without its state verify tries by the image of the settings, and says what is missing', async (t) => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const site = new LivingSite(t, { IMAGE_SOURCE: '', IMAGE_DIGEST: digest });
  t.match(await site.run(deployMain), { status: 0 });
  const asked = ['--only', 'permitted:microsoft', '--state', join(site.folder, 'lost.json')];
  t.match(await site.run(verifyMain, asked), { status: 0 });
  t.match(
    readFileSync(join(site.folder, 'lost.json.work/probes/weir-doctor-verify-microsoft.json'), 'utf8'),
    digest,
  );
  const settings = readFileSync(site.settings, 'utf8');
  writeFileSync(
    site.settings,
    settings.replace(/IMAGE_SOURCE=.*\n/, '').replace(/IMAGE_DIGEST=.*/, 'IMAGE_SOURCE=oci-archive:x'),
  );
  const { status, err } = await site.run(verifyMain, asked);
  t.equal(status, 1);
  t.match(err.join('\n'), /neither \S+lost\.json nor IMAGE_DIGEST of \S+ says it\n {2}To do: say by --state/);
});

t.test("sums that are still the example's are said to be that, before anything is done", async (t) => {
  const zeros = '0'.repeat(64);
  const site = new LivingSite(t, {
    IMAGE_SOURCE: '',
    IMAGE_DIGEST: `sha256:${zeros}`,
    PACKAGE_SHA256: zeros,
  });
  const { status, err } = await site.run(deployMain);
  t.equal(status, 1);
  const all = err.join('\n');
  t.match(all, /Not so: IMAGE_DIGEST is that of an image/);
  for (const key of ['PACKAGE_SHA256', 'IMAGE_DIGEST'])
    t.match(all, new RegExp(`${key} in \\S+prod\\.env is still the example's: give the one that`));
  t.notMatch(all, /who changed it/);
  t.same(site.changes, []);
});
