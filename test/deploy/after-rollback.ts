/** deploy/deploy after deploy/rollback: what was taken back does not come again unasked, and what settings and cluster have is the same. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { verifyMain } from '../../deploy/lib/verify-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import { BAD, GOOD, NEW, OLD, twice } from '../fixtures/deploy/twice.ts';

/** A site that went back, by `args`. */
async function wentBack(t: Test, args: readonly string[], own: Readonly<Record<string, string>> = {}) {
  const site = await twice(t, own);
  t.match(await site.run(rollbackMain, args), { status: 0 });
  site.changes.length = 0;
  return site;
}

/** With the policy that its machines have. */
async function withOwnTier2(t: Test): Promise<LivingSite> {
  const site = new LivingSite(t, { TIER_2: 'tier-2' });
  mkdirSync(join(site.folder, 'tier-2'));
  writeFileSync(join(site.folder, 'tier-2/weir.yaml'), 'name: t2 # bad\n');
  await holds(t, site);
  return site;
}

interface Refusal {
  readonly says: RegExp;
  readonly args?: readonly string[];
}

async function refused(t: Test, site: LivingSite, { says, args = [] }: Refusal): Promise<void> {
  const { status, err } = await site.run(deployMain, args);
  t.equal(status, 70, args.join(' '));
  t.match(err.join('\n'), says);
  t.match(err.join('\n'), /To do: have \S+prod\.env .* --again/);
  t.same(site.changes, [], 'nothing is changed');
}

function set(site: LivingSite, key: string, value: string): void {
  const settings = readFileSync(site.settings, 'utf8').replace(
    new RegExp(`^${key}=.*`, 'm'),
    `${key}=${value}`,
  );
  writeFileSync(site.settings, settings);
}

async function holds(t: Test, site: LivingSite, ...args: readonly string[]): Promise<string> {
  const { status, err } = await site.run(deployMain, args);
  t.equal(status, 0, err.join('\n'));
  // As the kubelet has them do it.
  for (const pod of site.pods) pod.policy = site.policy;
  t.match(await site.run(verifyMain), { status: 0 });
  return err.join('\n');
}

t.test('version: refused whichever steps are asked for, until somebody says --again', async (t) => {
  const site = await wentBack(t, ['version']);
  const both = new RegExp(
    `✗ taken-back .*\\n {2}deploy/rollback took back the image ${NEW}, 20\\S+; the package \\S+deb, 20`,
  );
  await refused(t, site, { says: both });
  await refused(t, site, { says: both, args: ['--dry-run'] });
  await refused(t, site, { says: /✗ image /, args: ['--only', 'image'] });
  await refused(t, site, { says: /✗ vm-install:int-proxy-a /, args: ['--from', 'vm-install:int-proxy-a'] });
  const begun = await site.run(deployMain, ['--from', 'objects']);
  t.equal(begun.status, 1);
  t.match(begun.err.join('\n'), /✗ objects .*\n {2}The step image is not done.*\n {2}To do: .*--from image/);
  t.match(site.image, OLD);
  const again = await holds(t, site, '--again');
  t.match(again, `- Comes again: the image ${NEW}, 20`);
  t.match(site.image, NEW);
  site.changes.length = 0;
  await holds(t, site);
  t.notMatch(site.changes.join('\n'), /kustomize|install\.sh/, 'and is done then');
});

t.test('--again lets in what it puts in, and nothing else', async (t) => {
  const site = await wentBack(t, ['version']);
  const both = /took back the image .*; the package /;
  const [overlay, moved] = ['kustomization.yaml', 'moved'].map((name) => join(site.folder, 'tier-1', name));
  renameSync(String(overlay), String(moved));
  t.match(await site.run(deployMain, ['--again']), { status: 66 });
  renameSync(String(moved), String(overlay));
  await refused(t, site, { says: both });
  t.match(await site.run(deployMain, ['--again', '--only', 'monitoring']), { status: 0 });
  site.changes.length = 0;
  await refused(t, site, { says: both });
  t.match(await site.run(deployMain, ['--again', '--until', 'image']), { status: 0 });
  site.changes.length = 0;
  await refused(t, site, { says: /took back the image [^;]*$/m });
  t.match(site.image, OLD);
});

t.test('--again lets in no image that it does not push', async (t) => {
  const site = await wentBack(t, ['version', '--tier', '1']);
  set(site, 'IMAGE_SOURCE', 'oci-archive:weir.oci');
  set(site, 'IMAGE_DIGEST', '');
  await holds(t, site, '--again');
  t.match(site.state().facts, { [`taken-back.image.${NEW}`]: /^20/ });
});

t.test('version: another one is put in, and what was taken back stays refused', async (t) => {
  const site = await wentBack(t, ['version', '--tier', '1']);
  for (const digest of [OLD, `sha256:${'c'.repeat(64)}`]) {
    set(site, 'IMAGE_DIGEST', digest);
    await holds(t, site);
    t.match(site.image, digest, 'what settings and cluster have is the same');
  }
  set(site, 'IMAGE_DIGEST', NEW);
  site.changes.length = 0;
  await refused(t, site, { says: /took back the image/ });
});

t.test('version: what is pushed has its digest only then, and is refused before it runs', async (t) => {
  const site = new LivingSite(t);
  await holds(t, site);
  t.match(await site.run(rollbackMain, ['version', '--tier', '1', '--to', OLD]), { status: 0 });
  site.changes.length = 0;
  await refused(t, site, { says: /✓ taken-back .*✗ image .*took back the image sha256:/s });
  t.match(site.image, OLD);
  t.match(await site.run(deployMain, ['--again', '--until', 'image']), { status: 0 });
  site.changes.length = 0;
  const { status, err } = await site.run(deployMain);
  t.equal(status, 70);
  t.match(err.join('\n'), /✗ objects .*took back the image sha256:/s, 'it is pushed, and not in');
  t.match(site.image, OLD);
  await holds(t, site, '--again');
  t.notMatch(site.image, OLD);
});

t.test('version: another policy of tier 2 does not bring the package back with it', async (t) => {
  for (const isOfBefore of [false, true]) {
    const own = await withOwnTier2(t);
    for (const server of own.room.servers.values()) Object.assign(server, { isOfBefore });
    t.match(await own.run(rollbackMain, ['version', '--tier', '2']), { status: 0 });
    writeFileSync(join(own.folder, 'tier-2/weir.yaml'), 'name: t2 # another\n');
    own.changes.length = 0;
    await refused(t, own, { says: /took back the package \S+weir_1\.deb, 20\S+\n/ });
  }
});

t.test('policy: refused until the file is mended', async (t) => {
  const site = await wentBack(t, ['policy', '--tier', '1']);
  const file = join(site.folder, 'tier-1/weir.yaml');
  await refused(t, site, { says: /took back the policy \S+tier-1\/weir\.yaml, 20\S+\n/ });
  await refused(t, site, { says: /✗ objects /, args: ['--only', 'objects'] });
  t.equal(site.policy, GOOD.trim());
  writeFileSync(file, 'name: t1 # mended\n');
  await holds(t, site);
  t.equal(site.policy, 'name: t1 # mended');
  writeFileSync(file, BAD);
  site.changes.length = 0;
  await refused(t, site, { says: /took back the policy/ });
  await holds(t, site, '--again');
  t.equal(site.policy, BAD.trim());
});

t.test('policy: of tier 2, by the file that the machines had', async (t) => {
  const site = await withOwnTier2(t);
  t.match(await site.run(rollbackMain, ['policy', '--tier', '2']), { status: 0 });
  site.changes.length = 0;
  await refused(t, site, { says: /took back the policy \S+tier-2\/weir\.yaml, 20\S+\n/ });
  t.match(await site.run(rollbackMain, ['policy', '--tier', '2', '--to', '000003']), { status: 0 });
  await holds(t, site);
});

t.test('policy: one that was put back after all is not refused', async (t) => {
  const site = await wentBack(t, ['policy', '--tier', '1']);
  t.match(await site.run(rollbackMain, ['policy', '--tier', '1', '--to', '000002']), { status: 0 });
  await holds(t, site);
  t.equal(site.policy, BAD.trim());
});

t.test('squid: Weir comes again where somebody means it, and the canary is awake again', async (t) => {
  const site = await wentBack(t, ['squid']);
  t.equal(site.isSuspended, true);
  await refused(t, site, { says: /took back Weir itself, for the proxy of before, 20/ });
  site.stopped.clear();
  t.match(await holds(t, site, '--again'), /Comes again: Weir itself/);
  t.equal(site.isSuspended, false);
});
