/**
 * The Kubernetes base builds without a cluster, and what it builds is what the documents promise: these kinds, a pod that may
 * do nothing but proxy, probes on the admin port, and times that agree with the configuration inside it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse, parseAllDocuments } from 'yaml';
import { needTool } from '../fixtures/tools.ts';

const BASE = join(import.meta.dirname, '../../k8s/base');
const LABELS = { 'app.kubernetes.io/name': 'weir', 'app.kubernetes.io/component': 'tier-1' };

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

async function build(t: Test): Promise<readonly Manifest[] | undefined> {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return undefined;
  const { stdout, stderr } = spawnSync(kubectl, ['kustomize', BASE], { encoding: 'utf8' });
  t.equal(stderr, '', 'kubectl kustomize has nothing to complain about');
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

const named = (manifests: readonly Manifest[], kind: string): Manifest => {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`Cannot find a ${kind}`);
  return found;
};

/** `9m` and `5s`, the units that the base uses, in seconds. */
const seconds = (text: string): number => Number.parseInt(text, 10) * (text.endsWith('m') ? 60 : 1);

t.test('the base builds what the documents name', async (t) => {
  const manifests = await build(t);
  if (manifests === undefined) return;
  const built = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  t.same(built, [
    'ConfigMap weir',
    'Deployment weir',
    'Namespace intra-proxy',
    'Service microsoft',
    'ServiceAccount weir',
  ]);
  const others = manifests.filter(({ kind }) => kind !== 'Namespace');
  for (const { kind, metadata } of others) t.equal(metadata.namespace, 'intra-proxy', kind);
  t.has(named(manifests, 'Namespace').metadata, {
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
  });
  t.equal(named(manifests, 'ServiceAccount').automountServiceAccountToken, false);
  t.has(named(manifests, 'ConfigMap'), {
    data: { 'weir.yaml': readFileSync(join(BASE, 'weir.yaml'), 'utf8') },
  });
  t.has(named(manifests, 'Service').spec, {
    selector: LABELS,
    ports: [{ name: 'proxy', port: 3128, targetPort: 'proxy', protocol: 'TCP' }],
  });
});

t.test('the pod may do nothing but proxy', async (t) => {
  const manifests = await build(t);
  if (manifests === undefined) return;
  t.has(named(manifests, 'Deployment').spec, {
    replicas: 2,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        serviceAccountName: 'weir',
        automountServiceAccountToken: false,
        dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            resources: { requests: { cpu: '250m', memory: '128Mi' }, limits: { memory: '512Mi' } },
            readinessProbe: { httpGet: { path: '/readyz', port: 'admin' } },
            livenessProbe: { httpGet: { path: '/healthz', port: 'admin' } },
            volumeMounts: [{ mountPath: '/etc/weir', readOnly: true }],
          },
        ],
      },
    },
  });
});

t.test('ports and times agree with the configuration inside', async (t) => {
  const manifests = await build(t);
  if (manifests === undefined) return;
  const { listeners, admin, timeouts } = parse(readFileSync(join(BASE, 'weir.yaml'), 'utf8'));
  const { spec } = (named(manifests, 'Deployment').spec as { template: { spec: PodSpec } }).template;
  const ports = new Map(spec.containers[0]?.ports.map(({ name, containerPort }) => [name, containerPort]));
  t.equal(listeners[0].address, `0.0.0.0:${ports.get('proxy')}`);
  t.equal(admin.address, `0.0.0.0:${ports.get('admin')}`);
  const drain = seconds(timeouts.drain) + seconds(timeouts.drainDelay);
  t.ok(spec.terminationGracePeriodSeconds >= drain + 15, 'the grace period is longer than the drain');
});

t.test('the program accepts the configuration inside', async (t) => {
  const weir = join(import.meta.dirname, '../../bin/weir');
  const check = spawnSync(weir, ['check', join(BASE, 'weir.yaml')], { encoding: 'utf8' });
  t.equal(check.status, 0, check.stdout + check.stderr);
});

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly {
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  }[];
}

t.test("the cluster's policy is that of examples/t1.yaml", async (t) => {
  const policyOf = (file: string): unknown => {
    const { acls, access, peers, routes } = parse(readFileSync(file, 'utf8'));
    return { acls, access, peers, routes };
  };
  t.same(policyOf(join(BASE, 'weir.yaml')), policyOf(join(BASE, '../../examples/t1.yaml')));
});
