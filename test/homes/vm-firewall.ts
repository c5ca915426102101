/** vm/firewall.sh: what its rules let through and refuse, and what it finds in the way of them. */
import t from 'tap';
import { Cloud, changeOf, SETTINGS, whole } from '../fixtures/cloud.ts';
import { folderOf } from '../fixtures/owned.ts';

t.setTimeout(120_000);

const ACCOUNT = 'weir-tier-2@aibang-prod.iam.gserviceaccount.com';

t.test(
  'the firewall lets in and out what it should, for the account of tier 2, and refuses the rest',
  async (t) => {
    const cloud = await whole(t, ['firewall.sh']);
    const rule = (name: string): string => changeOf(cloud, `weir-${name}`);
    t.match(
      rule('tier2-proxy'),
      /INGRESS --priority=900 --action=ALLOW --rules=tcp:3128 --source-ranges=10\.128\.0\.0\/14 /,
    );
    t.match(
      rule('tier2-admin'),
      /--rules=tcp:9128 --source-ranges=10\.132\.64\.0\/26,35\.191\.0\.0\/16,130\.211\.0\.0\/22 /,
    );
    t.match(rule('tier2-ssh'), /--rules=tcp:22 --source-ranges=35\.235\.240\.0\/20 /);
    t.match(rule('tier2-out'), /--rules=tcp:80,tcp:443 /);
    for (const line of cloud.changes().filter((each) => each.includes('tier2'))) {
      t.match(line, `--target-service-accounts=${ACCOUNT}`);
    }
    for (const name of [
      'tier2-nothing-else-in',
      'tier2-nothing-else-in-v6',
      'tier2-nothing-else-out',
      'cluster-nothing-else-out',
      'nothing-out-v6',
    ]) {
      t.match(rule(name), /--priority=910 --action=DENY --rules=all --enable-logging/, name);
    }
    t.match(
      rule('cluster-nothing-else-out'),
      /--source-ranges=10\.128\.0\.0\/14,10\.132\.0\.0\/20 --destination-ranges=0\.0\.0\.0\/0 --quiet/,
      'whatever the tag',
    );
    t.match(
      rule('tier2-out-not-inside'),
      /--priority=895 --action=DENY .*10\.0\.0\.0\/8/,
      'inside comes before the Internet',
    );
  },
);

t.test('a name server of one’s own is asked by both protocols', async (t) => {
  const cloud = new Cloud(folderOf(t));
  const settings = cloud.settings({ EGRESS_ALSO: '10.0.0.2/32:53,10.132.80.5/32:9200' });
  t.match(await cloud.run('firewall.sh', ['--settings', settings]), { status: 0 });
  t.match(
    changeOf(cloud, 'weir-tier2-out-also-1'),
    /--priority=890 .*--rules=tcp:53,udp:53 .*10\.0\.0\.2\/32/,
  );
  t.match(changeOf(cloud, 'weir-tier2-out-also-2'), /--rules=tcp:9200 /);
});

/** What another rule is called, whether it is in the way, and what it says. */
const OTHERS: Readonly<Record<string, readonly [isWrong: boolean, rule: string]>> = {
  'all-out': [true, 'EGRESS 100 ALLOW all --destination-ranges=0.0.0.0/0'],
  'a-partner': [true, 'EGRESS 909 ALLOW tcp:443 --destination-ranges=203.0.113.0/24'],
  'v6-out': [true, 'EGRESS 1 ALLOW all --destination-ranges=::/0'],
  'all-in': [true, 'INGRESS 500 ALLOW all --source-ranges=10.0.0.0/8'],
  'to-tier-2': [true, `INGRESS 500 ALLOW tcp:9128 --target-service-accounts=${ACCOUNT}`],
  'same-number': [false, 'EGRESS 910 ALLOW all --destination-ranges=0.0.0.0/0'],
  'default-allow-internal': [false, 'INGRESS 65534 ALLOW all --source-ranges=10.128.0.0/9'],
  'to-web-servers': [false, 'INGRESS 500 ALLOW tcp:443 --target-tags=web'],
  // What begins like a private network, and is larger.
  'a-bit-more': [true, 'EGRESS 500 ALLOW all --destination-ranges=192.168.0.0/13'],
  'much-more': [true, 'EGRESS 500 ALLOW all --destination-ranges=10.0.0.0/7'],
  'weir-tier2-out-also-9': [true, 'EGRESS 890 ALLOW tcp:9200 --destination-ranges=10.132.80.5/32'],
  // Of all machines, and so of tier 2, which is to dial nothing inside.
  'inside-out': [true, 'EGRESS 500 ALLOW all --destination-ranges=10.0.0.0/8,100.64.0.0/10'],
  'inside-later': [false, 'EGRESS 895 ALLOW all --destination-ranges=10.0.0.0/8,100.64.0.0/10'],
  'inside-of-others': [false, 'EGRESS 500 ALLOW all --destination-ranges=10.0.0.0/8 --target-tags=web'],
  'turned-off': [false, 'EGRESS 1 ALLOW all --disabled'],
  'more-refused': [false, 'EGRESS 1 DENY tcp:25'],
};
t.test('a rule of somebody else that comes before and lets through is found, and no other', async (t) => {
  const cloud = await whole(t, ['firewall.sh']);
  for (const [name, [, rule]] of Object.entries(OTHERS)) await cloud.addRule(name, rule);
  const before = cloud.changes();
  const { status, stderr } = await cloud.run('firewall.sh', SETTINGS);
  t.equal(status, 1);
  const found = [...stderr.matchAll(/✗ Rule (\S+) lets/g)].map(([, name = '']) => name);
  const wrong = Object.entries(OTHERS).filter(([, [isWrong]]) => isWrong);
  t.same(found.toSorted(), wrong.map(([name]) => name).toSorted());
  t.same(cloud.changes(), before);
  t.match(await cloud.run('firewall.sh', SETTINGS, { STANDIN_ORDER: 'BEFORE_CLASSIC_FIREWALL' }), {
    stderr: /✗ Firewall policies of the network aibang come before/,
  });
});

t.test('a rule that was changed is said, with the command that brings it back', async (t) => {
  const cloud = await whole(t, ['firewall.sh']);
  cloud.alter('weir-tier2-proxy', '10.128.0.0/14', '0.0.0.0/0');
  cloud.alter('weir-tier2-out', /$/, '--disabled\n');
  cloud.alter('weir-tier2-nothing-else-in', '--priority=910', '--priority=65000');
  const { status, stderr } = await cloud.run('firewall.sh', SETTINGS);
  t.equal(status, 1);
  t.match(
    stderr,
    /weir-tier2-proxy differs: sourceRanges.*\n.*rules update weir-tier2-proxy .*--no-disabled/,
  );
  t.match(stderr, /weir-tier2-out differs: disabled is "True", wanted "False"/);
  t.match(stderr, /weir-tier2-nothing-else-in differs: priority is "65000"/);
});
