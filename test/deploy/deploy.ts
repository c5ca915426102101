/** deploy/deploy as a whole, at a site of stand-ins that check what they are told: all of it, once more, in a dry run, broken off anywhere. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { Site, SQUID } from '../fixtures/deploy/site.ts';

t.setTimeout(180_000);

const DIGEST = /asia-docker\.pkg\.dev\/aibang\/egress\/weir@sha256:[0-9a-f]{64}/;

t.test('deploy puts both tiers in, tries each part, and a second run does nothing', async (t) => {
  const site = new Site(t);
  const { status, err } = await site.run(deployMain);
  t.equal(status, 0, err.join('\n'));
  t.notMatch(err.join('\n'), /✗/);
  t.equal(site.cloud.records.get('microsoft.intra.aibang.local.'), '10.96.0.128');
  t.equal(site.cloud.records.get('google.intra.aibang.local.'), '10.96.0.129');
  t.match(
    site.cluster.objects.get('intra-proxy/deployment/weir')?.['{.spec.template.spec.containers[0].image}'],
    DIGEST,
  );
  t.same(
    [...site.cluster.objects.keys()].filter((key) => key.includes('/job/')),
    [],
    'its Jobs are gone',
  );
  for (const [name, { files, ran }] of site.cloud.machines) {
    t.ok(files.has('weir-deploy/tier-2/t2.pem'), `${name} has its certificate`);
    t.same(
      ['t2.key', 'hop.key', 'audit.key'].filter((key) => !files.has(`installed/run/weir-deploy/${key}`)),
      [],
    );
    t.match(ran.at(-2), /vm\/verify/);
    t.match(ran.at(-1), /ops-agent/);
  }
  t.match(site.state().facts, { 'dns.microsoft.before': SQUID, 'dns.google.before': SQUID });
  const before = site.changes.length;
  const again = await site.run(deployMain);
  t.equal(again.status, 0);
  t.same(site.changes.slice(before), [], 'nothing is done twice');
  t.match(again.err.join('\n'), /– production .*done 2026-11-29/);
});

t.test('a dry run prints every change and makes none, not even a file', async (t) => {
  const site = new Site(t);
  const before = readdirSync(site.folder);
  const { status, out, err } = await site.run(deployMain, ['--dry-run']);
  t.equal(status, 0, err.join('\n'));
  t.same(site.changes, []);
  t.same(readdirSync(site.folder), before);
  const printed = out.map((line) => line.replace(/ --context=\S+/g, '')).join('\n');
  for (const command of [
    'gcloud compute instances create',
    'gcloud compute firewall-rules create',
    'openssl req -x509',
    'openssl rand -base64',
    'secrets/vm/int-proxy-b audit.key',
    'secrets hop.key',
    'gcloud compute ssh int-proxy-b',
    'vm/install.sh --settings',
    'vm/verify --settings',
    'skopeo copy oci-archive:/images/weir.tar',
    'kubectl create secret generic weir-hop',
    'kubectl rollout status deployment/weir',
    'gcloud dns record-sets update microsoft.intra.aibang.local. --zone=intra-aibang-local --type=A --ttl=30 --rrdatas=10.96.0.128',
    'kubectl apply --filename=',
    'kubectl apply --kustomize=',
  ])
    t.ok(printed.includes(command), command);
});

/** Everything that a deployment leaves, keys by their length. */
function outcome(site: Site): unknown {
  const shape = (text: string): number => text.length;
  return {
    records: [...site.cloud.records],
    machines: [...site.cloud.machines].map(([name, { files }]) => [
      name,
      [...files].map(([file, text]) => [file, shape(text)]).toSorted(),
    ]),
    objects: [...site.cluster.objects]
      .map(([key, data]) => [key, key.includes('/secret/') ? Object.keys(data) : data])
      .toSorted(),
    images: [...site.registry.images],
    facts: site.state().facts,
    steps: Object.keys(site.state().steps),
  };
}

t.test(
  'broken off at any change and started again it comes to the same, and no key is ever replaced',
  async (t) => {
    const whole = new Site(t);
    await whole.run(deployMain);
    const wanted = outcome(whole);
    const count = whole.changes.length;
    t.ok(count > 40, `${count} changes`);
    for (const when of ['before', 'after'] as const) {
      for (let breakAt = 1; breakAt <= count; breakAt += 1) {
        const site = new Site(t);
        const at = `broken off ${when} change ${breakAt}`;
        const first = await site.run(deployMain, [], { breakAt, when });
        // A test that fails is tried once more: that is the chart's arrow back, and no end.
        if (first.status !== 0) t.match(await site.run(deployMain), { status: 0 }, at);
        t.same(outcome(site), wanted, at);
        t.ok(isOneKey(site), `${at}: one key for all`);
      }
    }
  },
);

/** Whether both machines and the cluster have the key of hops that is kept, and each change that is made once was. */
function isOneKey(site: Site): boolean {
  const kept = readFileSync(join(site.secrets, 'hop.key'), 'base64');
  const machines = [...site.cloud.machines.values()].map(({ files }) =>
    files.get('installed/run/weir-deploy/hop.key'),
  );
  const secret = site.cluster.objects.get('intra-proxy/secret/weir-hop')?.['hop.key'];
  const once = site.changes.filter((line) => /^gcloud dns|^skopeo copy/.test(line));
  return [...machines, secret].every((key) => key === kept) && new Set(once).size === once.length;
}

t.test('no secret is printed, an argument, or in the state', async (t) => {
  const site = new Site(t);
  const { out, err } = await site.run(deployMain, ['--json']);
  const secrets = readdirSync(site.secrets, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.key'))
    .map((entry) => join(entry.parentPath, entry.name));
  t.ok(secrets.length >= 6);
  const seen = [...out, ...err, ...site.asked, JSON.stringify(site.state())].join('\n');
  for (const file of secrets) {
    t.equal(statSync(file).mode & 0o077, 0, file);
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.length > 20 && !line.startsWith('-----'));
    for (const line of lines) {
      t.notOk(seen.includes(line), file);
      t.notOk(seen.includes(Buffer.from(line).toString('base64')), `${file}, in base64`);
    }
  }
  t.match(JSON.parse(out[0] ?? ''), { step: 'prerequisites', result: 'done' });
});
