/** vm/create.sh: what it makes of the machines of tier 2 and their way out, and what of it it says differs. */
import t from 'tap';
import { Cloud, changeOf, SETTINGS, whole } from '../fixtures/cloud.ts';
import { folderOf } from '../fixtures/owned.ts';

t.setTimeout(120_000);

const ACCOUNT = 'weir-tier-2@aibang-prod.iam.gserviceaccount.com';

t.test(
  'a machine has no external address, no tag, no role, and the NAT is for its subnet only',
  async (t) => {
    const cloud = await whole(t, ['create.sh']);
    const machine = changeOf(cloud, 'int-proxy-a');
    const instance =
      cloud.changes().find((line) => line.startsWith('compute instances create int-proxy-a ')) ?? '';
    t.match(machine, /--addresses=10\.140\.0\.10/);
    t.match(
      instance,
      /--network-interface=subnet=weir-tier-2,private-network-ip=10\.140\.0\.10,stack-type=IPV4_ONLY,no-address/,
    );
    t.match(instance, `--service-account=${ACCOUNT}`);
    t.notMatch(instance, /--tags/);
    const nat = changeOf(cloud, 'weir-nat');
    t.match(nat, /--nat-custom-subnet-ip-ranges=weir-tier-2 .*--enable-dynamic-port-allocation/);
    t.notMatch(nat, /all-subnet/);
    t.notMatch(cloud.changes().join('\n'), /add-iam-policy-binding/);
  },
);

t.test('with WAY_OUT=reserved each machine has an address of its own, and there is no NAT', async (t) => {
  const cloud = new Cloud(folderOf(t));
  t.match(await cloud.run('create.sh', ['--settings', cloud.settings({ WAY_OUT: 'reserved' })]), {
    status: 0,
  });
  t.match(changeOf(cloud, 'int-proxy-b-external'), /^compute addresses create/);
  t.ok(cloud.changes().some((line) => line.includes('address=int-proxy-b-external')));
  t.notOk(cloud.changes().some((line) => line.includes('nats')));
});

const DIFFERING: Readonly<Record<string, readonly [name: string, from: RegExp, to: string, said: RegExp]>> = {
  'a machine of another type': [
    'instances_int-proxy-b',
    /e2-standard-2/,
    'e2-micro',
    /machineType.basename\(\) is "e2-micro", wanted "e2-standard-2"/,
  ],
  'an external address given later': [
    'instances_int-proxy-a',
    /no-address/,
    'address=198.51.100.7',
    /natIP is "198\.51\.100\.7", wanted ""/,
  ],
  'a tag given later': ['instances_int-proxy-a', /$/, '--tags=web\n', /tags.*"web"/],
  'a NAT for all subnets': [
    'weir-nat',
    /--nat-custom-subnet.*/,
    '--nat-all-subnet-ip-ranges',
    /ALL_SUBNETWORKS/,
  ],
  'a NAT with few ports': [
    'weir-nat',
    /min-ports-per-vm=4096/,
    'min-ports-per-vm=64',
    /minPortsPerVm is "64"/,
  ],
  'a public zone': ['int-proxy-aibang-com', /private/, 'public', /visibility is "public"/],
};
t.test('create.sh says what differs, and leaves it as it is', async (t) => {
  const cloud = await whole(t, ['create.sh']);
  const before = cloud.changes();
  for (const [name, from, to] of Object.values(DIFFERING)) cloud.alter(name, from, to);
  const { status, stderr } = await cloud.run('create.sh', SETTINGS);
  t.equal(status, 1);
  for (const [title, [, , , said]] of Object.entries(DIFFERING)) t.match(stderr, said, title);
  t.equal(stderr.match(/✗/g)?.length, stderr.match(/ {2}To do: .+/g)?.length);
  t.same(cloud.changes(), before);
});

t.test('too few ports of the NAT for its machines are said before anything is made of it', async (t) => {
  const cloud = new Cloud(folderOf(t));
  const settings = cloud.settings({ NAT_MIN_PORTS: '32768', NAT_MAX_PORTS: '65536' });
  t.match(await cloud.run('create.sh', ['--settings', settings]), { status: 78, stderr: /too few ports/ });
  t.notOk(cloud.changes().some((line) => line.includes('router')));
});
