/** deploy/rollback where it cannot come to its end: that is seen before anything is changed. */
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import { refused } from '../fixtures/deploy/tool.ts';
import { GOOD, twice } from '../fixtures/deploy/twice.ts';

t.test(
  'policy: where the cluster does not say what it has nothing is put back, on tier 2 neither',
  async (t) => {
    const site = await twice(t);
    const answer = site.more;
    site.more = (words) =>
      words.join(' ').includes('get configmap weir')
        ? refused('Unable to connect to the server')
        : answer(words);
    const { status, err } = await site.run(rollbackMain, ['policy']);
    t.equal(status, 1);
    t.match(err.join('\n'), /✗ back:policy-check .*\n.*Unable to connect/);
    t.same(site.changes, []);
    site.more = answer;
    t.match(await site.run(rollbackMain, ['policy']), { status: 0 });
    t.equal(site.policy, GOOD.trim());
  },
);

t.test('policy: what Weir does not take is put back on no tier', async (t) => {
  const site = await twice(t);
  site.tools.weir = () => refused('t1.yaml:1:1: unknown key');
  const { status, err } = await site.run(rollbackMain, ['policy']);
  t.equal(status, 1);
  t.match(err.join('\n'), /✗ back:policy-check .*\n.*unknown key/);
  t.same(site.changes, []);
});

t.test('a way back that could not be gone to its end is not begun', async (t) => {
  const site = await twice(t, { OLD_MANIFESTS: 'no-squid' });
  const { status, err } = await site.run(rollbackMain, ['squid']);
  t.equal(status, 66);
  t.match(err[0], /^✗ before .*\n.*no-squid\/kustomization\.yaml is not there\n.*correct OLD_MANIFESTS in /);
  t.same(site.changes, [], 'traffic comes to Weir as before');
  renameSync(join(site.folder, 'tier-1'), join(site.folder, 'moved'));
  t.match(await site.run(rollbackMain, ['policy']), {
    status: 66,
    err: [/tier-1 is not there\n.*correct TIER_1 in /],
  });
  t.same(site.changes, []);
});

const NOTHING: Readonly<Record<string, RegExp>> = {
  policy:
    /✗ back:policy-check .*\n {2}There is no policy before this one\n {2}To do: deploy\/rollback --list/,
  version: /✗ back:image .*\n {2}Nobody remembers an image of tier 1 before this one/,
  squid: /✗ back:known .*\n {2}No name is known to have led to another proxy before/,
};

for (const [severity, says] of Object.entries(NOTHING)) {
  t.test(
    `${severity}: where nothing is known a dry run is 70 too, and prints nothing to paste`,
    async (t) => {
      const site = new LivingSite(t);
      const { status, out, err } = await site.run(rollbackMain, [severity, '--dry-run']);
      t.equal(status, 70);
      t.same(out, []);
      t.match(err.join('\n'), says);
      t.equal(err.at(-1), 'Dry run: nothing was changed');
    },
  );
}

t.test('what was asked for and is not kept is 70 in a dry run too', async (t) => {
  const site = await twice(t);
  for (const [args, says] of [
    ['policy --tier 1 --to 000003-9f86d081', /There is no policy "000003-9f86d081"/],
    ['policy --tier 2 --to 000009', /int-proxy-a has kept no configuration "000009"/],
    ['version --tier 2 --to 0.0.9-1', /int-proxy-a has kept no package "0\.0\.9-1"/],
  ] as const) {
    const { status, out, err } = await site.run(rollbackMain, [...args.split(' '), '--dry-run']);
    t.match([status, out, err.join('\n')], [70, [], says], args);
  }
});

t.test('a cluster or a machine that does not answer is ✗ in a dry run too', async (t) => {
  const site = await twice(t);
  site.more = (words) =>
    /get configmap weir|rollback list/.test(words.join(' ')) ? refused('Unable to connect') : undefined;
  for (const [tier, step] of [
    ['1', 'policy-check'],
    ['2', 'configuration:int-proxy-b'],
  ] as const) {
    const { status, out, err } = await site.run(rollbackMain, ['policy', '--tier', tier, '--dry-run']);
    t.match([status, out], [1, []]);
    t.match(err.join('\n'), new RegExp(`✗ back:${step} .*\\n.*Unable to connect`));
  }
});

t.test('policy: one that is gone since it was chosen is put back by no empty file', async (t) => {
  const site = await twice(t);
  t.match(await site.run(rollbackMain, ['policy', '--tier', '1'], { breakAt: 1, when: 'before' }), {
    status: 1,
  });
  const folder = join(site.folder, 'prod.policies');
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
  const { status, err } = await site.run(rollbackMain, ['policy', '--tier', '1']);
  t.equal(status, 70);
  t.match(err.join('\n'), /The policy 000001-\w+ is not kept any more/);
  t.same(site.changes, []);
});
