/**
 * The overlays and components: the names of the documents, listeners that each have a way in, Secrets that are where the
 * configuration looks for them, and a second tier that allows what the first one sends.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { composed, K8S, kustomize, type Manifest, only } from '../fixtures/manifests.ts';
import { host, mayPass, pod, tcp } from '../fixtures/network-policies.ts';
import { Issuer } from '../fixtures/tls.ts';
import { needTool } from '../fixtures/tools.ts';
import { weir } from '../fixtures/weir.ts';

t.setTimeout(120_000);

const AIBANG = join(K8S, 'overlays/aibang');
const CREDENTIALS = '/run/credentials/weir.service';
const TIER_1 = { 'app.kubernetes.io/name': 'weir', 'app.kubernetes.io/component': 'tier-1' };

interface Service extends Manifest {
  readonly spec: {
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
  };
}

interface Deployment extends Manifest {
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly containers: readonly {
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}

async function build(t: Test, folder: string): Promise<readonly Manifest[] | undefined> {
  const kubectl = await needTool(t, 'kubectl');
  return kubectl === undefined ? undefined : kustomize(kubectl, folder);
}

/** The configuration that a ConfigMap called weir carries. */
function configuration(manifests: readonly Manifest[]) {
  const { data } = only<Manifest & { data: Record<string, string> }>(manifests, 'ConfigMap', 'weir');
  return parse(data['weir.yaml'] ?? '');
}

t.test('aibang has the names of the documents, and two pods or more', async (t) => {
  const built = await build(t, 'overlays/aibang');
  if (built === undefined) return;
  const services = built.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name);
  t.same(services.sort(), ['google', 'microsoft', 'squid-proxy-service']);
  for (const name of services) t.equal(only(built, 'Service', name).metadata.namespace, 'intra-proxy');
  const { spec: alias } = only<Service>(built, 'Service', 'squid-proxy-service');
  const { spec: proxy } = only<Service>(built, 'Service', 'microsoft');
  t.same([alias.selector, alias.ports], [proxy.selector, proxy.ports], 'the alias is the same');
  t.match(configuration(built).peers, { 'int-proxy': { address: 'int-proxy.aibang.com:3128', hop: true } });
  t.has(only(built, 'HorizontalPodAutoscaler').spec, { minReplicas: 2 });
});

t.test('each listener of aibang has a Service on port 3128, and the policy lets clients in', async (t) => {
  const built = await build(t, 'overlays/aibang');
  if (built === undefined) return;
  const { containers } = only<Deployment>(built, 'Deployment').spec.template.spec;
  const ports = new Map(containers[0]?.ports.map(({ name, containerPort }) => [name, containerPort]));
  const weirPod = pod('intra-proxy', '10.128.0.20', TIER_1);
  for (const { name, address } of configuration(built).listeners) {
    const [to] = only<Service>(built, 'Service', name).spec.ports;
    const port = ports.get(to?.targetPort ?? '') ?? 0;
    t.equal(address, `0.0.0.0:${port}`, `the Service ${name} leads to the listener`);
    t.equal(to?.port, 3128, 'and clients know one port');
    t.ok(mayPass(built, tcp(pod('api', '10.128.0.7'), weirPod, port)), 'api pods come in');
    t.notOk(mayPass(built, tcp(pod('shop', '10.128.1.7'), weirPod, port)), 'and no others');
  }
  t.ok(mayPass(built, tcp(weirPod, host('10.128.2.100'), 3128)), 'the VM of the documents is reached');
  const collector = pod('gmp-system', '10.128.1.8', { 'app.kubernetes.io/name': 'collector' });
  t.ok(mayPass(built, tcp(collector, weirPod, 9128)), 'and Managed Prometheus scrapes');
  t.notOk(mayPass(built, tcp(collector, weirPod, 3128)), 'but is no client');
});

t.test('what the configuration of aibang reads from Secrets is mounted there', async (t) => {
  const built = await build(t, 'overlays/aibang');
  if (built === undefined) return;
  const { containers, volumes } = only<Deployment>(built, 'Deployment').spec.template.spec;
  const secrets = new Map(volumes.map(({ name, secret }) => [name, secret?.secretName]));
  const mounts = containers[0]?.volumeMounts.map(({ name, mountPath }) => [mountPath, secrets.get(name)]);
  const config = configuration(built);
  const { ca, cert, key } = config.peers['int-proxy'].tls;
  const named = [ca, cert, key, config.hop.assert.keyFile];
  t.same(
    named,
    ['ca.crt', 'tls.crt', 'tls.key'].map((file) => `/etc/weir-tls/${file}`).concat('/etc/weir-hop/hop.key'),
  );
  t.same(mounts?.sort(), [
    ['/etc/weir', undefined],
    ['/etc/weir-hop', 'weir-hop'],
    ['/etc/weir-tls', 'weir-tls'],
  ]);
});

/** Copies of both tiers' files that find keys and certificates in `folder`. */
async function tiersIn(folder: string): Promise<readonly [tier1: string, tier2: string]> {
  await using issuer = await Issuer.open();
  const { certFile, keyFile } = await issuer.issue('int-proxy.aibang.com');
  const copies = [
    [issuer.caFile, ['ca.crt', 'ca.pem']],
    [certFile, ['tls.crt', 't2.pem']],
    [keyFile, ['tls.key', 't2.key']],
  ] as const;
  for (const [file, names] of copies) for (const name of names) copyFileSync(file, join(folder, name));
  writeFileSync(join(folder, 'hop.key'), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(folder, 'audit.key'), pem, { mode: 0o600 });
  const files = ['intra-proxy/weir.yaml', 'tier-2.yaml'].map((name) => {
    const text = readFileSync(join(AIBANG, name), 'utf8').replaceAll(
      /\/etc\/weir(?:-tls|-hop)?(?=\/)|\/run\/credentials\/weir\.service(?=\/)/g,
      folder,
    );
    const file = join(folder, name.replace('intra-proxy/', ''));
    writeFileSync(file, text);
    return file;
  });
  copyFileSync(join(AIBANG, 'intra-proxy/weir.test.yaml'), join(folder, 'weir.test.yaml'));
  return [files[0] ?? '', files[1] ?? ''];
}

t.test('both tiers of aibang load, pass their tests, and agree', async (t) => {
  const [tier1, tier2] = await tiersIn(t.testdir());
  const checked = await weir('check', tier1, tier2);
  t.equal(checked.status, 0, checked.stdout + checked.stderr);
  t.match(checked.stdout, 't1 to t2: all that the first sends is allowed by the second');
  const tested = await weir('test', tier1);
  t.equal(tested.status, 0, tested.stdout + tested.stderr);
});

t.test('weir check --without-secrets looks at all but the files of secrets, and says which', async (t) => {
  const files = ['intra-proxy/weir.yaml', 'tier-2.yaml'].map((name) => join(AIBANG, name));
  const strict = await weir('check', ...files);
  t.equal(strict.status, 78, 'without the option they have to be there');
  t.match(
    strict.stderr,
    /tier-2\.yaml:\d+:\d+: listeners\[0\]\.tls\.cert: Cannot read "\S+\/aibang\/t2\.pem": no such file/,
  );
  const { status, stdout, stderr } = await weir('check', '--without-secrets', ...files);
  t.equal(status, 0, stdout + stderr);
  t.match(stdout, 't1 to t2: all that the first sends is allowed by the second');
  t.notMatch(stdout, /policy [0-9a-f]{64}|: (?:error|warning): /);
  t.same(stderr.trimEnd().split('\n'), [
    `${files[0]}: not read: /etc/weir-tls/ca.crt, /etc/weir-tls/tls.crt, /etc/weir-tls/tls.key, /etc/weir-hop/hop.key. Check once more where they are`,
    `${files[1]}: not read: ${join(AIBANG, 'ca.pem')}, ${join(AIBANG, 't2.pem')}, ${CREDENTIALS}/t2.key, ${CREDENTIALS}/audit.key, ${CREDENTIALS}/hop.key. Check once more where they are`,
  ]);
  const plain = await weir('check', '--without-secrets', join(K8S, 'base/weir.yaml'));
  t.match(plain, { status: 0, stderr: '', stdout: /policy [0-9a-f]{64}/ }, 'one that names none is as ever');
});

t.test('kind needs nothing outside of it, and its tiers agree', async (t) => {
  const built = await build(t, 'overlays/kind');
  if (built === undefined) return;
  t.same(
    built.filter(({ kind }) => kind === 'HorizontalPodAutoscaler'),
    [],
    'there are no metrics to scale by',
  );
  const images = JSON.stringify(built).match(/"image":"[^"]*"/g) ?? [];
  t.same(
    [...new Set(images)].sort(),
    ['"image":"node:26-bookworm-slim"', '"image":"weir:dev"'],
    'the image is what was built here, and that of the client what it was built on',
  );
  const [weirPod, tier2] = [
    pod('intra-proxy', '10.244.0.5', TIER_1),
    { 'app.kubernetes.io/name': 'weir', 'app.kubernetes.io/component': 'tier-2' },
  ];
  const second = pod('tier-2', '10.244.0.6', tier2);
  t.ok(mayPass(built, tcp(weirPod, second, 3128)), 'tier 1 reaches tier 2');
  t.notOk(mayPass(built, tcp(pod('api', '10.244.0.7'), second, 3128)), 'which a client does not');
  t.notOk(mayPass(built, tcp(weirPod, host('20.190.159.2'), 443)), 'tier 1 has no other way');
  t.ok(mayPass(built, tcp(second, host('20.190.159.2'), 443)), 'tier 2 has');
  t.ok(mayPass(built, tcp(weirPod, host('172.18.0.2'), 6443)), 'the pod watch works');
  const kind = join(K8S, 'overlays/kind');
  const checked = await weir('check', join(kind, 'intra-proxy/weir.yaml'), join(kind, 'tier-2/weir.yaml'));
  t.equal(checked.status, 0, checked.stdout + checked.stderr);
  t.match(checked.stdout, 'all that the first sends is allowed by the second');
});

t.test('components add what they say', async (t) => {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return;
  const withComponent = (component: string): readonly Manifest[] =>
    kustomize(kubectl, composed(t.testdir(), { resources: ['base'], components: [component] }));
  const weirPod = pod('intra-proxy', '10.128.0.20', TIER_1);
  const redis = pod('redis', '10.128.3.1', { 'app.kubernetes.io/name': 'redis' });
  t.notOk(mayPass(kustomize(kubectl, 'base'), tcp(weirPod, redis, 6379)));
  const counting = withComponent('components/redis');
  t.ok(mayPass(counting, tcp(weirPod, redis, 6379)), 'redis: the way to it');
  const { containers, volumes } = only<Deployment>(counting, 'Deployment').spec.template.spec;
  t.match(
    volumes.find(({ secret }) => secret?.secretName === 'weir-redis'),
    { name: 'redis', secret: { defaultMode: 0o440 } },
    'redis: its password for the group alone',
  );
  const mount = containers[0]?.volumeMounts.find(({ name }) => name === 'redis');
  t.match(mount, { mountPath: '/etc/weir-redis', readOnly: true });
  const labelled = withComponent('components/namespace-labels');
  const { rules } = only<Manifest & { rules: unknown }>(labelled, 'ClusterRole', 'weir-namespace-reader');
  t.same(rules, [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list', 'watch'] }]);
  const { roleRef, subjects } = only(labelled, 'ClusterRoleBinding', 'weir-namespace-reader');
  t.has(roleRef, { kind: 'ClusterRole', name: 'weir-namespace-reader' });
  t.same(
    subjects,
    only(labelled, 'ClusterRoleBinding', 'weir-pod-reader').subjects,
    'namespace-labels: for the same',
  );
  t.same(
    labelled.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name),
    ['weir-namespace-reader', 'weir-pod-reader'],
  );
  const { metrics } = only(withComponent('components/scale-by-tunnels'), 'HorizontalPodAutoscaler').spec as {
    metrics: readonly { type: string }[];
  };
  t.same(
    metrics.map(({ type }) => type),
    ['Resource', 'Pods'],
    'scale-by-tunnels: beside the CPU',
  );
  const monitored = withComponent('monitoring/service-monitor');
  const service = only<Service>(monitored, 'Service', 'weir-metrics');
  const { selector, endpoints } = only(monitored, 'ServiceMonitor').spec as {
    selector: { matchLabels: object };
    endpoints: readonly { port: string }[];
  };
  t.has(service.metadata.labels, selector.matchLabels, 'service-monitor: finds its Service');
  t.same(
    service.spec.ports.map(({ targetPort }) => targetPort),
    endpoints.map(({ port }) => port),
  );
  t.same(service.spec.selector, TIER_1);
});
