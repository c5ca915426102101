/** deploy/rollback where it cannot come to its end: that is seen before anything is changed. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
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
