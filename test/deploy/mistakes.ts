/** deploy/deploy where its user is mistaken: what is said then, once and before anything is done, and with which exit code. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { verifyMain } from '../../deploy/lib/verify-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import { Site } from '../fixtures/deploy/site.ts';
import { refused } from '../fixtures/deploy/tool.ts';

const NOWHERE = {
  PACKAGE: 'nowhere.deb',
  TIER_1: 'no-overlay',
  TIER_2: 'no-tier-2',
  CLIENTS: 'no-clients',
  DNS: 'kube-dns',
  DNS_FOLDER: 'no-zone',
  MONITORING: 'managed-rules,no-such-folder,ops-agent',
};

t.test('all files that are missing are said once, before any step, and nothing is done', async (t) => {
  const site = new Site(t, NOWHERE);
  for (const more of [['--dry-run'], []]) {
    const { status, out, err } = await site.run(deployMain, more);
    t.equal(status, 66, more.join());
    t.same(out, []);
    t.equal(err.length, 2, 'no step is begun');
    const lines = String(err[0]).split('\n');
    t.match(lines[0], /^✗ before {2}/);
    t.same(
      lines.slice(1).map((line) => line.replace(/^ {2}\S*\/(?=[\w-]+\/|nowhere)/, '  ')),
      [
        '  nowhere.deb is not there',
        `  To do: put it there, or correct PACKAGE in ${site.settings}`,
        '  no-overlay/weir.yaml is not there',
        `  To do: put it there, or correct TIER_1 in ${site.settings}`,
        '  no-tier-2/weir.yaml is not there',
        `  To do: put it there, or correct TIER_2 in ${site.settings}`,
        '  no-overlay/kustomization.yaml is not there',
        `  To do: put it there, or correct TIER_1 in ${site.settings}`,
        '  no-clients/kustomization.yaml is not there',
        `  To do: put it there, or correct CLIENTS in ${site.settings}`,
        '  no-zone/kustomization.yaml is not there',
        `  To do: put it there, or correct DNS_FOLDER in ${site.settings}`,
        '  no-such-folder/kustomization.yaml is not there',
        `  To do: correct MONITORING in ${site.settings}: folders of k8s/monitoring, ops-agent, or none`,
      ],
    );
  }
  t.same(site.asked, [], 'no program was started');
  t.notOk(existsSync(site.secrets));
});

t.test('steps that are chosen ask for what they build upon, and for no more', async (t) => {
  const site = new Site(t, { PACKAGE: 'nowhere.deb' });
  t.match(await site.run(deployMain, ['--until', 'certificates', '--from', 'configuration']), { status: 0 });
  const { status, err } = await site.run(deployMain, ['--only', 'vm-install:int-proxy-b']);
  t.equal(status, 66);
  t.match(err[0], /nowhere\.deb is not there/);
  const json = await site.run(deployMain, ['--json']);
  t.match(
    json.out.map((line) => JSON.parse(line)),
    [{ step: 'before', result: 'wrong', detail: /nowhere\.deb is not there/, cure: /^put it there/ }],
  );
});

t.test('a step that there is not, or an order that there is not, is 64, of --list too', async (t) => {
  const site = new Site(t);
  for (const more of [
    ['--only', 'nope'],
    ['--until', 'nope', '--list'],
    ['--list', '--json'],
    ['--from', 'rollout', '--until', 'certificates'],
    ['--only', 'rollout', '--until', 'objects'],
  ])
    t.match(await site.run(deployMain, more), { status: 64 }, more.join(' '));
});

t.test('a state of another name has its folders beside it', async (t) => {
  const site = new Site(t);
  const state = join(site.folder, 'other.json');
  t.match(await site.run(deployMain, ['--state', state]), { status: 0 });
  t.same(
    readdirSync(site.folder).filter((name) => name.startsWith('other')),
    ['other.json', 'other.json.policies', 'other.json.work'],
  );
});

t.test('a state whose folder is not there is 66, also where nothing would be written', async (t) => {
  const site = new Site(t);
  const nowhere = join(site.folder, 'typo/prod.state.json');
  for (const [main, ...args] of [
    [deployMain],
    [deployMain, '--dry-run'],
    [deployMain, '--list'],
    [rollbackMain, '--list'],
    [rollbackMain, 'policy', '--dry-run'],
    [verifyMain, '--list'],
  ] as const) {
    const { status, out, err } = await site.run(main, [...args, '--state', nowhere]);
    t.match(
      [status, out, err],
      [66, [], [/typo is not there\nTo do: correct --state; .*mkdir -p /]],
      args.join(' '),
    );
  }
});

t.test('--list says where nothing is known, waits for nobody, and writes nothing', async (t) => {
  const site = new LivingSite(t);
  const lock = join(site.folder, 'prod.state.json.lock');
  const empty = await site.run(deployMain, ['--list']);
  t.match(empty, { status: 0, err: [/^- Nothing is known to be done: there is no .*prod\.state\.json$/] });
  for (const server of ['int-proxy-a', 'int-proxy-b'].map((name) => site.room.server(name))) {
    server.configurations.length = 0;
    server.packages.length = 0;
  }
  site.cloud.create(['int-proxy-a', 'int-proxy-b']);
  const none = await site.run(rollbackMain, ['--list']);
  t.match(none, {
    status: 0,
    out: [],
    err: [/^- What was there before is not known/, 'There is nothing to go back to'],
  });
  writeFileSync(lock, `1 elsewhere\n`);
  t.match(await site.run(rollbackMain, ['--list']), { status: 0 }, 'another run goes on');
  t.match(await site.run(verifyMain, ['--list']), { status: 0 });
  t.match(await site.run(verifyMain), { status: 1, err: [/^Another run has/] });
  rmSync(lock);
  t.same(
    readdirSync(site.folder).filter((name) => name.startsWith('prod.')),
    ['prod.env'],
  );
});

t.test('a machine that does not answer hides nothing of the others in --list', async (t) => {
  const site = new LivingSite(t);
  site.cloud.create(['int-proxy-a', 'int-proxy-b']);
  const answer = site.cloud.onMachine;
  site.cloud.onMachine = (name, command) =>
    name === 'int-proxy-a' ? refused('Connection timed out') : answer(name, command);
  const { status, out, err } = await site.run(rollbackMain, ['--list']);
  t.equal(status, 1);
  t.same([...new Set(out.map((line) => line.split('\t')[1]))], ['int-proxy-b']);
  t.match(
    err.at(-1),
    /^- gcloud compute ssh int-proxy-a ended with 1: Connection timed out\n {2}To do: gcloud compute ssh/,
  );
  site.cloud.onMachine = () => refused('Connection timed out');
  const none = await site.run(rollbackMain, ['--list']);
  t.match([none.status, none.out.length], [1, 0]);
  t.notMatch(none.err.join('\n'), /There is nothing/, 'nobody can tell');
});
