/** Who is told what becomes of a deployment: that Weir is in only where all of it is. */
import t, { type Test } from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { Site } from '../fixtures/deploy/site.ts';
import { said } from '../fixtures/deploy/tool.ts';

function siteThatTells(t: Test, own = {}): { site: Site; told: { event: string; left?: string }[] } {
  const site = new Site(t, { NOTIFY: 'notify', ...own });
  const told: { event: string; left?: string }[] = [];
  site.tools.notify = (_args, input) => {
    told.push(JSON.parse(String(input)));
    return said();
  };
  return { site, told };
}

t.test('a part of it is told and said as a part, and the whole once it is whole', async (t) => {
  const { site, told } = siteThatTells(t);
  const looked = await site.run(deployMain, ['--until', 'prerequisites']);
  t.match(looked, { status: 0 });
  t.match(looked.err.at(-1), /^Done as far as it was asked for; left: vm-create, .*, production$/);
  t.match(told.at(-1), { event: 'deployed-in-part', exitCode: 0, left: /^vm-create,.*,production$/ });
  await site.run(deployMain, ['--until', 'image']);
  t.match(told.at(-1), { event: 'deployed-in-part', left: /^namespace,secrets,objects,/ });
  t.match(await site.run(deployMain), { status: 0 });
  t.same(Object.keys(told.at(-1) ?? {}), ['at', 'settings', 'event', 'exitCode']);
  t.match(told.at(-1), { event: 'deployed', exitCode: 0 });
  const again = await site.run(deployMain, ['--only', 'monitoring']);
  t.match(again.err.at(-1), /^Done as far as it was asked for; left: production\. What is done is kept/);
  t.match(told.at(-1), { event: 'deployed-in-part', left: 'production' }, 'which builds upon it');
  await site.run(deployMain, ['--only', 'production']);
  t.match(told.at(-1), { event: 'deployed' }, 'all the rest is done');
  t.equal(told.length, 5);
});

t.test('one that fails is told with what is left, and a dry run tells nobody', async (t) => {
  const { site, told } = siteThatTells(t);
  t.match(await site.run(deployMain, ['--dry-run']), { status: 0 });
  t.same(told, []);
  site.runJob = () => ({ isFine: false, log: '' });
  t.match(await site.run(deployMain), { status: 1 });
  t.match(told, [{ event: 'deploy-failed', exitCode: 1, left: /^service:microsoft,.*,production$/ }]);
});

t.test('what a later step goes by need not be there to end before it', async (t) => {
  const { site, told } = siteThatTells(t, { TIER_2: 'nowhere' });
  t.match(await site.run(deployMain, ['--only', 'namespace']), { status: 0 });
  t.match(told, [{ event: 'deployed-in-part', left: /vm-install:int-proxy-a/ }]);
});
