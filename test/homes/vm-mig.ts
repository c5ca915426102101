/** vm/mig/create.sh: a group of machines behind a load balancer, made once, in steps that may be broken off. */
import t from 'tap';
import { Cloud, changeOf } from '../fixtures/cloud.ts';
import { folderOf } from '../fixtures/owned.ts';

t.setTimeout(120_000);

const OWN = { VMS: '', MIG_ADDRESS: '10.140.0.5', MIG_SOURCE: 'gs://aibang-weir/tier-2' };
const SCRIPT = 'mig/create.sh';

t.test('it is made once, broken off after any step, and a second run makes nothing', async (t) => {
  const cloud = new Cloud(folderOf(t));
  const args = ['--settings', cloud.settings(OWN)];
  const { status, stdout } = await cloud.run(SCRIPT, [...args, '--dry-run']);
  t.equal(status, 0);
  t.same(cloud.changes(), []);
  const printed = stdout.trimEnd().split('\n');
  for (const [index] of printed.entries()) {
    const broken = await cloud.run(SCRIPT, args, { BREAK_AFTER: `${index + 1}` });
    t.match(broken, { status: 1, stderr: /Connection lost/ });
    t.equal(cloud.changes().length, index + 1);
  }
  t.match(await cloud.run(SCRIPT, args), { status: 0, stdout: '' });
  const unquoted = printed.map((line) => line.replaceAll("'", '').replace('gcloud ', ''));
  t.same(cloud.changes(), unquoted, 'in all, what the dry run printed');
});

t.test('who is ready gets traffic, and who is dead is replaced: two checks', async (t) => {
  const cloud = new Cloud(folderOf(t));
  await cloud.run(SCRIPT, ['--settings', cloud.settings(OWN)]);
  t.match(changeOf(cloud, 'http weir-tier-2-readyz'), /--port=9128 --request-path=\/readyz /);
  t.match(changeOf(cloud, 'http weir-tier-2-healthz'), /--port=9128 --request-path=\/healthz /);
  const made = cloud.changes();
  const line = (start: string): string => made.find((each) => each.startsWith(start)) ?? '';
  t.match(
    line('compute backend-services create'),
    /--load-balancing-scheme=INTERNAL .*--health-checks=weir-tier-2-readyz /,
  );
  t.match(
    line('compute instance-groups managed create'),
    /--health-check=weir-tier-2-healthz .*--instance-redistribution-type=none /,
  );
  t.match(
    line('compute instance-groups managed set-autoscaling'),
    /--min-num-replicas=2 --max-num-replicas=4 .*max-scaled-in-replicas=1/,
  );
  t.match(line('compute instance-templates create'), /no-address .*weir-source=gs:\/\/aibang-weir\/tier-2/);
  t.match(line('dns record-sets create'), /int-proxy\.aibang\.com\. .*--rrdatas=10\.140\.0\.5/);
});

t.test('another machine type is another template, and what the group has differs', async (t) => {
  const cloud = new Cloud(folderOf(t));
  await cloud.run(SCRIPT, ['--settings', cloud.settings(OWN)]);
  const { status, stderr } = await cloud.run(SCRIPT, [
    '--settings',
    cloud.settings({ ...OWN, MACHINE_TYPE: 'e2-standard-4' }),
  ]);
  t.equal(status, 1);
  t.match(stderr, /✓ compute instance-templates weir-tier-2-[0-9a-f]{8} is made/);
  t.match(
    stderr,
    /✗ .*managed weir-tier-2 differs: instanceTemplate.*\n {2}To do: .*rolling-action start-update/,
  );
});

t.test('it wants to know the address and the bucket, and says what it does', async (t) => {
  const cloud = new Cloud(folderOf(t));
  t.match(await cloud.run(SCRIPT, ['--settings', cloud.settings()]), {
    status: 78,
    stderr: /MIG_ADDRESS is missing[\s\S]*MIG_SOURCE is missing/,
  });
  t.match(await cloud.run(SCRIPT, ['--help']), { status: 0, stdout: /^vm\/mig\/create\.sh --settings/ });
});
