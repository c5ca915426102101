/**
 * The scripts of vm/ that speak to a cloud, with a gcloud that knows the grammar of the real one: they make what is wanted once, go on
 * after being broken off anywhere, and change nothing in a dry run. Settings that are wrong are told before anything is asked.
 */
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { Cloud, EXAMPLE, SETTINGS, whole } from '../fixtures/cloud.ts';
import { folderOf } from '../fixtures/owned.ts';

t.setTimeout(300_000);

const SCRIPTS = ['create.sh', 'firewall.sh'];

const cloudOf = (t: Test): Cloud => new Cloud(folderOf(t));

for (const script of SCRIPTS) {
  t.test(`${script} makes everything once, and a second run makes nothing`, async (t) => {
    const cloud = await whole(t, [script]);
    const made = cloud.changes();
    t.ok(made.length > 10);
    t.match(await cloud.run(script, SETTINGS), { status: 0, stdout: '' });
    t.same(cloud.changes(), made);
  });

  t.test(`${script} --dry-run changes nothing, and prints what would`, async (t) => {
    const cloud = cloudOf(t);
    const { status, stdout, stderr } = await cloud.run(script, [...SETTINGS, '--dry-run']);
    t.equal(status, 0);
    t.match(stderr, /Dry run: nothing was changed/);
    t.same(cloud.changes(), []);
    const printed = stdout.split('\n').filter(Boolean);
    for (const line of printed) t.match(line, /^gcloud [a-z -]+ create .*--project=aibang-prod/);
    await cloud.run(script, SETTINGS);
    const unquoted = printed.map((line) => line.replaceAll("'", '').replace('gcloud ', ''));
    t.same(unquoted, cloud.changes(), 'the same as what is done then');
  });

  t.test(`${script} broken off after any step goes on there`, async (t) => {
    const cloud = cloudOf(t);
    const steps = (await whole(t, [script])).changes();
    for (const step of steps.keys()) {
      const broken = await cloud.run(script, SETTINGS, { BREAK_AFTER: `${step + 1}` });
      t.match(broken, {
        status: 1,
        stderr: /✗ .* is made: .*Connection lost\n {2}To do: .*start this again/,
      });
      t.same(cloud.changes(), steps.slice(0, step + 1), `broken off after step ${step + 1}`);
    }
    t.match(await cloud.run(script, SETTINGS), { status: 0 });
    t.same(cloud.changes(), steps, 'nothing was made twice, and nothing is missing');
  });

  t.test(`${script} makes nothing where it cannot tell what is there`, async (t) => {
    const cloud = cloudOf(t);
    const denied = await cloud.run(script, SETTINGS, { STANDIN_DENIED: 'compute.read' });
    t.match(denied, { status: 1, stderr: /✗ .* cannot be read: .*compute\.read/ });
    const alone = await cloud.run(script, SETTINGS, { STANDIN_ACCOUNT: '' });
    t.match(alone, { status: 1, stderr: /✗ gcloud is not logged in\n {2}To do: gcloud auth login/ });
    t.same(cloud.changes(), []);
  });
}

t.test('settings that are wrong are all named with their line, and nothing is asked', async (t) => {
  const cloud = cloudOf(t);
  const own = {
    POD_RANGES: '0.0.0.0/0',
    NODE_RANGES: '10.132.0.0/33',
    NAT_MIN_PORTS: '4000',
    VMS: 'int-proxy-a/zone',
    PROJECT: 'p;id',
    POD_RANGE: '10.0.0.0/8',
    DNS_NAME: '$(id)',
    WAY_OUT: 'nat/reserved',
    EGRESS_ALSO: '10.0.0.1',
    MONITORING_RANGES: '',
  };
  const { status, stderr } = await cloud.run('firewall.sh', ['--settings', cloud.settings(own)]);
  t.equal(status, 78);
  for (const key of Object.keys(own).filter((each) => each !== 'MONITORING_RANGES')) {
    t.match(stderr, new RegExp(`✗ \\S+settings\\.env:\\d+: "?${key}"? is `), key);
  }
  t.match(stderr, /MONITORING_RANGES is missing/);
  t.same(cloud.asked(), []);
  t.match(await cloud.run('create.sh', ['--settings', '/no/such']), {
    status: 66,
    stderr: /Cannot read the settings/,
  });
});

t.test('the environment of the caller is no setting', async (t) => {
  const cloud = cloudOf(t);
  const env = { POD_RANGES: '10.9.0.0/16', PREFIX: 'evil' };
  await cloud.run('firewall.sh', SETTINGS, env);
  t.notMatch(cloud.changes().join('\n'), /10\.9\.0\.0|evil/);
});

t.test('the example explains every setting, and is one that works', async (t) => {
  const text = readFileSync(EXAMPLE, 'utf8');
  const known = [
    ...readFileSync(new URL('../../vm/lib.sh', import.meta.url), 'utf8').matchAll(/^([A-Z_]+)\|/gm),
  ];
  const explained = [...text.matchAll(/^#?([A-Z_]+)=/gm)].map(([, key]) => key);
  t.same(explained.toSorted(), known.map(([, key]) => key).toSorted());
});
