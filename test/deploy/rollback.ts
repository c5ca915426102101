/** deploy/rollback at a site of stand-ins: each severity goes where it should, in the order of chart 6.2; what does not hold then is 70. */
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { verifyMain } from '../../deploy/lib/verify-main.ts';
import { LivingSite } from '../fixtures/deploy/living-site.ts';
import { SQUID } from '../fixtures/deploy/site.ts';
import { refused } from '../fixtures/deploy/tool.ts';
import { GOOD, OLD, twice } from '../fixtures/deploy/twice.ts';

const inOrder = (site: LivingSite, patterns: readonly RegExp[]): readonly number[] =>
  patterns.map((pattern) => site.changes.findIndex((line) => pattern.test(line)));

t.test('policy: tier 2 first, then the ConfigMap, then each pod is told to look', async (t) => {
  const site = await twice(t);
  const ran = await site.run(rollbackMain, ['policy']);
  t.match(ran, { status: 0 }, ran.err.join('\n'));
  t.equal(site.policy, GOOD.trim());
  t.same(
    site.pods.map(({ policy }) => policy),
    [GOOD.trim(), GOOD.trim()],
    'and it is in force',
  );
  t.same(
    [...site.room.servers.values()].map(({ configuration }) => configuration),
    ['name: t2\n', 'name: t2\n'],
  );
  const order = inOrder(site, [
    /ssh int-proxy-a .*rollback configuration/,
    /ssh int-proxy-b .*rollback/,
    /patch configmap weir/,
    /annotate pods/,
  ]);
  t.same(
    order,
    order.toSorted((a, b) => a - b),
  );
  t.notOk(order.includes(-1));
  t.match(ran.err.join('\n'), /✓ back:policy-in-force .*2 pods, \d+\.\d s after the change of the ConfigMap/);
  t.notMatch(site.changes.join('\n'), /rollout|delete deployment/, 'nothing restarts');
});

t.test('policy: another one of the list, of one tier', async (t) => {
  const site = await twice(t);
  const { out } = await site.run(rollbackMain, ['--list']);
  const rows = out.map((line) => line.split('\t'));
  const [newest, oldest] = rows.filter(([severity, where]) => severity === 'policy' && where === 'tier-1');
  t.match(newest, ['policy', 'tier-1', /^000002-/, /^[0-9a-f]{64}$/, /^20\d\d-/, /@/]);
  t.match(rows.find(([severity, where]) => severity === 'version' && where === 'tier-1')?.[2], OLD);
  t.match(
    rows.find(([severity]) => severity === 'squid'),
    ['squid', 'microsoft.intra.aibang.local', '-', SQUID],
  );
  t.match(await site.run(rollbackMain, ['policy', '--tier', '1', '--to', oldest?.[2] ?? '']), { status: 0 });
  t.equal(site.policy, GOOD.trim());
  t.equal(site.room.server('int-proxy-a').configuration, 'name: t2 # bad\n', 'tier 2 is as it was');
  const sum = rows.find(
    ([severity, where, name]) => severity === 'policy' && where === 'int-proxy-a' && name === '000001',
  )?.[3];
  t.match(await site.run(rollbackMain, ['policy', '--tier', '2', '--to', sum?.slice(0, 12) ?? '']), {
    status: 0,
  });
  t.equal(site.room.server('int-proxy-b').configuration, 'name: t2 # old\n');
});

t.test('policy: a second time goes further back, and never to what was taken back', async (t) => {
  const site = await twice(t);
  await site.run(rollbackMain, ['policy', '--tier', '2']);
  await site.run(rollbackMain, ['policy', '--tier', '2']);
  t.equal(site.room.server('int-proxy-a').configuration, 'name: t2 # old\n');
  const beyond = await site.run(rollbackMain, ['policy', '--tier', '2']);
  t.match(beyond, { status: 70 }, 'there is none before');
  t.match(beyond.err.join('\n'), /int-proxy-a has kept no configuration before this one/);
});

t.test('policy: a pod that does not take it is ✗, and it goes on from there', async (t) => {
  const site = await twice(t);
  site.isSlow = true;
  const late = await site.run(rollbackMain, ['policy', '--tier', '1']);
  t.match(late, { status: 1 });
  t.match(late.err.join('\n'), /✗ back:policy-in-force .*\n {2}Not all pods serve by it after 180 s: weir-a/);
  for (const pod of site.pods) pod.policy = site.policy;
  const again = await site.run(rollbackMain, ['policy', '--tier', '1']);
  t.match(again, { status: 0 });
  t.match(again.err[0], /Going on with what was broken off/);
  t.equal(site.policy, GOOD.trim(), 'to where it went, and no step further');
});

t.test('version: the revision of the image before, then machine after machine', async (t) => {
  const site = await twice(t);
  const ran = await site.run(rollbackMain, ['version']);
  t.match(ran, { status: 0 }, ran.err.join('\n'));
  t.match(site.image, OLD);
  t.match(site.changes.join('\n'), /rollout undo deployment\/weir --to-revision=1 /);
  t.same(
    [...site.room.servers.values()].map(({ version }) => version),
    ['0.1.0-1', '0.1.0-1'],
  );
  t.match(site.state().facts['image.digest'], OLD, 'verifying expects it from now on');
  const beyond = await site.run(rollbackMain, ['version', '--tier', '1']);
  t.match(beyond, { status: 70 });
});

t.test('version: an image that the cluster has forgotten is set', async (t) => {
  const site = await twice(t);
  site.revisions.clear();
  t.match(await site.run(rollbackMain, ['version', '--tier', '1']), { status: 0 });
  t.match(site.changes.join('\n'), new RegExp(`set image deployment/weir weir=\\S+@${OLD}`));
});

t.test('squid: in the order of the chart, and nothing is deleted before its time', async (t) => {
  const site = await twice(t);
  for (const pod of site.pods) pod.tunnels = 3;
  const ran = await site.run(rollbackMain, ['squid']);
  t.match(ran, { status: 0 }, ran.err.join('\n'));
  const steps = ran.err.flatMap((line) => /^✓ back:([\w-]+)/.exec(line)?.[1] ?? []);
  t.same(
    steps,
    'known stop evidence restore answers answers dns dns ttl drain remove machine machine microsoft google refused'.split(
      ' ',
    ),
  );
  t.match(ran.err.join('\n'), /✓ back:drain .*6 tunnels are cut/);
  const order = inOrder(site, [
    /patch service\/squid-proxy-service/,
    /systemctl enable --now squid\.service/,
    /record-sets update microsoft\.\S+ .*--rrdatas=10\.96\.0\.50/,
    /delete deployments,/,
    /disable --now weir\.socket/,
  ]);
  t.same(
    order,
    order.toSorted((a, b) => a - b),
  );
  t.notOk(order.includes(-1));
  t.same([...new Set(site.cloud.records.values())], [SQUID]);
  t.same(Object.keys(site.state().steps), [], 'to put Weir in again is to do all of it again');
  t.notMatch(site.changes.join('\n'), /delete \S*(?:namespace|secret)/);
});

t.test(
  'squid: where the cluster does not say which pods there are, what is open gets its time',
  async (t) => {
    const site = await twice(t);
    const { more } = site;
    let refusals = 0;
    site.more = (words) => {
      const isOfPods = words.includes('pods') && words.includes('--output=json');
      if (!isOfPods || refusals === 3) return more?.(words);
      refusals += 1;
      return refused('Unable to connect to the server');
    };
    const ran = await site.run(rollbackMain, ['squid']);
    t.match(ran, { status: 0 }, ran.err.join('\n'));
    t.match(ran.err.join('\n'), /✓ back:drain .*all ended/);
    t.equal(refusals, 3, 'it is asked until it says so');
  },
);

t.test('squid: an old proxy that does not answer stops it before any name moves', async (t) => {
  const site = await twice(t);
  site.hasSquid = false;
  const ran = await site.run(rollbackMain, ['squid']);
  t.match(ran, { status: 1 });
  t.match(
    ran.err.join('\n'),
    /✗ back:answers:microsoft .*\n {2}tier 1: ECONNREFUSED\n {2}To do: .*only-through-weir/,
  );
  t.equal(site.cloud.records.get('microsoft.intra.aibang.local.'), '10.96.0.128');
  t.not(site.image, '', 'nothing is deleted');
  site.hasSquid = true;
  t.match(await site.run(rollbackMain, ['squid']), { status: 0 });
});

t.test(
  'squid: a name that is kept elsewhere is led back by hand, and nothing is deleted before',
  async (t) => {
    const site = new LivingSite(t, { DNS: 'elsewhere' });
    const lead = (microsoft: string, google: string): void => {
      site.cloud.records
        .set('microsoft.intra.aibang.local.', microsoft)
        .set('google.intra.aibang.local.', google);
    };
    lead('10.96.0.128', '10.96.0.129');
    t.match(await site.run(deployMain), { status: 0 });
    await site.run(verifyMain);
    const ran = await site.run(rollbackMain, ['squid']);
    t.match(ran, { status: 1 });
    t.match(
      ran.err.join('\n'),
      /✗ back:dns:microsoft .*\n {2}microsoft\.intra\.aibang\.local still leads to Weir/,
    );
    t.not(site.image, '', 'nothing is deleted');
    lead(SQUID, SQUID);
    t.match(await site.run(rollbackMain, ['squid']), { status: 0 });
    t.equal(site.image, '');
  },
);

t.test('what does not hold then is 70, and somebody is told', async (t) => {
  const site = await twice(t, { NOTIFY: 'notify' });
  const told: string[] = [];
  site.tools.notify = (_args, input) => {
    told.push(String(input));
    return { status: 0, stdout: Buffer.alloc(0), stderr: '' };
  };
  site.isLax = true;
  const ran = await site.run(rollbackMain, ['policy']);
  t.match(ran, { status: 70 });
  t.match(ran.err.at(-1), /^Back, but does not hold: refused\. Escalate\. Evidence: .*\.tar\.gz$/);
  t.match(JSON.parse(told[0] ?? ''), {
    event: 'escalate',
    severity: 'policy',
    exitCode: 70,
    wrong: 'refused',
    evidence: /\.tar\.gz$/,
  });
  site.isLax = false;
  await site.run(rollbackMain, ['version']);
  t.match(JSON.parse(told[1] ?? ''), { event: 'rolled-back', severity: 'version', exitCode: 0 });
});

t.test('a command line that makes no sense is 64', async (t) => {
  const site = await twice(t);
  const senseless: readonly (readonly string[])[] = [
    [],
    ['everything'],
    ['policy', 'version'],
    ['policy', '--list'],
    ['policy', '--to', '000001'],
    ['policy', '--tier', '3'],
    ['policy', '--tier', '2', '--to', '1; reboot'],
    ['policy', '--drain', '5'],
    ['squid', '--tier', '1'],
    ['squid', '--drain', 'soon'],
  ];
  for (const args of senseless) t.match(await site.run(rollbackMain, args), { status: 64 }, args.join(' '));
  t.same(site.changes, []);
  t.match((await site.run(rollbackMain, ['--help'])).out.join('\n'), /^deploy\/rollback policy\|version/);
});
