/**
 * The Kubernetes base builds without a cluster, and what it builds is what the documents promise: these kinds, a pod that may
 * do nothing but proxy, probes on the admin port, and times that agree with the configuration inside it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { WEIR } from '../../scripts/lib/weir-process.ts';
import { kustomize, type Manifest, only } from '../fixtures/manifests.ts';
import { needTool } from '../fixtures/tools.ts';

const BASE = join(import.meta.dirname, '../../k8s/base');
const CLUSTER_WIDE = ['ClusterRole', 'ClusterRoleBinding', 'Namespace'];
const LABELS = { 'app.kubernetes.io/name': 'weir', 'app.kubernetes.io/component': 'tier-1' };

async function build(t: Test): Promise<readonly Manifest[] | undefined> {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return undefined;
  return kustomize(kubectl, BASE);
}

/** `9m` and `5s`, the units that the base uses, in seconds. */
const seconds = (text: string): number => Number.parseInt(text, 10) * (text.endsWith('m') ? 60 : 1);

t.test('the base builds what the documents name', async (t) => {
  const manifests = await build(t);
  if (manifests === undefined) return;
  const built = manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  t.same(built, [
    'ClusterRole weir-pod-reader',
    'ClusterRoleBinding weir-pod-reader',
    'ConfigMap weir',
    'Deployment weir',
    'HorizontalPodAutoscaler weir',
    'Namespace intra-proxy',
    'NetworkPolicy default-deny',
    'NetworkPolicy weir-from-clients',
    'NetworkPolicy weir-from-nodes',
    'NetworkPolicy weir-from-prometheus',
    'NetworkPolicy weir-to-control-plane',
    'NetworkPolicy weir-to-dns',
    'NetworkPolicy weir-to-tier-2',
    'PodDisruptionBudget weir',
    'Service microsoft',
    'ServiceAccount weir',
  ]);
  const others = manifests.filter(({ kind }) => !CLUSTER_WIDE.includes(kind));
  for (const { kind, metadata } of others) t.equal(metadata.namespace, 'intra-proxy', kind);
  t.has(only(manifests, 'Namespace').metadata, {
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
  });
  t.equal(only(manifests, 'ServiceAccount').automountServiceAccountToken, false);
  t.has(only(manifests, 'ConfigMap'), {
    data: { 'weir.yaml': readFileSync(join(BASE, 'weir.yaml'), 'utf8') },
  });
  t.has(only(manifests, 'Service').spec, {
    selector: LABELS,
    ports: [{ name: 'proxy', port: 3128, targetPort: 'proxy', protocol: 'TCP' }],
  });
});

t.test('the pod may do nothing but proxy', async (t) => {
  const manifests = await build(t);
  if (manifests === undefined) return;
  t.has(only(manifests, 'Deployment').spec, {
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        serviceAccountName: 'weir',
        automountServiceAccountToken: true,
        dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          fsGroup: 65532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            resources: { requests: { cpu: '500m', memory: '256Mi' }, limits: { memory: '512Mi' } },
            readinessProbe: { httpGet: { path: '/readyz', port: 'admin' } },
            livenessProbe: { httpGet: { path: '/healthz', port: 'admin' } },
            volumeMounts: [{ mountPath: '/etc/weir', readOnly: true }],
          },
        ],
      },
    },
  });
});

t.test('the API server is asked for pods, and for nothing else', async (t) => {
  const manifests = await build(t);
  if (manifests === undefined) return;
  t.same(only(manifests, 'ClusterRole').rules, [
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  ]);
  t.same(only(manifests, 'ClusterRoleBinding').subjects, [
    { kind: 'ServiceAccount', name: 'weir', namespace: 'intra-proxy' },
  ]);
});

t.test('one owner of the number of pods, and one pod at a time that goes', async (t) => {
  const manifests = await build(t);
  if (manifests === undefined) return;
  t.notOk('replicas' in (only(manifests, 'Deployment').spec as object), 'the autoscaler says how many');
  t.has(only(manifests, 'HorizontalPodAutoscaler').spec, {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'weir' },
    minReplicas: 2,
    behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 600 }] } },
  });
  const budget = only<Manifest & { spec: object }>(manifests, 'PodDisruptionBudget').spec;
  t.has(budget, { maxUnavailable: 1, selector: { matchLabels: LABELS } });
  t.notOk('minAvailable' in budget, 'which would forbid every eviction of as many pods');
});

t.test('ports and times agree with the configuration inside', async (t) => {
  const manifests = await build(t);
  if (manifests === undefined) return;
  const { listeners, admin, timeouts } = parse(readFileSync(join(BASE, 'weir.yaml'), 'utf8'));
  const { spec } = (only(manifests, 'Deployment').spec as { template: { spec: PodSpec } }).template;
  const ports = new Map(spec.containers[0]?.ports.map(({ name, containerPort }) => [name, containerPort]));
  t.equal(listeners[0].address, `0.0.0.0:${ports.get('proxy')}`);
  t.equal(admin.address, `0.0.0.0:${ports.get('admin')}`);
  const drain = seconds(timeouts.drain) + seconds(timeouts.drainDelay);
  t.equal(
    spec.terminationGracePeriodSeconds,
    drain + 25,
    'the grace period is the drain, and 25 s for the records',
  );
  t.ok(spec.terminationGracePeriodSeconds < 600, 'a node pool that is scaled down waits for ten minutes');
});

t.test('the program accepts the configuration inside', async (t) => {
  const check = spawnSync(WEIR, ['check', join(BASE, 'weir.yaml')], { encoding: 'utf8' });
  t.equal(check.status, 0, check.stdout + check.stderr);
});

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly {
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  }[];
}

t.test("the cluster's policy is that of examples/t1.yaml, and asks for the namespace besides", async (t) => {
  const policyOf = (file: string) => {
    const { acls, access, peers, routes } = parse(readFileSync(file, 'utf8'));
    return { acls, access, peers, routes };
  };
  const { acls, access, ...rest } = policyOf(join(BASE, 'weir.yaml'));
  const { api_pods: apiPods, ...others } = acls;
  t.same(apiPods, { namespaces: ['api'] });
  const withoutIdentity = (access as readonly Rule[]).flatMap(({ limit: _, ...rule }) => {
    if (rule.name === 'not-api') return [];
    return [
      rule.allow === undefined ? rule : { ...rule, allow: rule.allow.filter((name) => name !== 'api_pods') },
    ];
  });
  t.same({ acls: others, access: withoutIdentity, ...rest }, policyOf(join(BASE, '../../examples/t1.yaml')));
});

t.test('the policy passes its tests', async (t) => {
  const tested = spawnSync(WEIR, ['test', join(BASE, 'weir.yaml')], { encoding: 'utf8' });
  t.equal(tested.status, 0, tested.stdout + tested.stderr);
});

interface Rule {
  readonly name: string;
  readonly allow?: readonly string[];
  readonly limit?: string;
}
