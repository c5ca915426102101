/**
 * The component that gives workloads the proxy's variables: its ConfigMaps are what `weir env` prints, and a patch that would
 * replace what a container has already fails the build.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { composed, K8S, kustomize, type Manifest, only, readManifests } from '../fixtures/manifests.ts';
import { needTool } from '../fixtures/tools.ts';
import { weir } from '../fixtures/weir.ts';

const COMPONENTS = ['clients', 'overlays/aibang/clients'];

for (const component of COMPONENTS) {
  t.test(`the variables of k8s/${component} are what weir env prints`, async (t) => {
    const text = readFileSync(join(K8S, component, 'proxy-environment.yaml'), 'utf8');
    const documents = text.split('---\n');
    t.equal(documents.length, 2, 'one for Java');
    for (const document of documents) {
      const [, command = '', written] = /^# Written by: weir ([^\n]*)\n(.*)$/s.exec(document) ?? [];
      const { stdout, stderr } = await weir(...command.split(' '));
      t.equal(written, stdout, stderr || command);
    }
  });
}

t.test('the proxy of the variables is a Service, on the port of its clients', async (t) => {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return;
  const text = readFileSync(join(K8S, 'clients/proxy-environment.yaml'), 'utf8');
  const { data } = only<{ data: Record<string, string> }>(readManifests(text), 'ConfigMap', 'weir-proxy');
  t.equal(data.HTTPS_PROXY, 'http://microsoft.intra-proxy.svc.cluster.local:3128');
  const service = only<Manifest & { spec: { ports: readonly { port: number }[] } }>(
    kustomize(kubectl, 'base'),
    'Service',
    'microsoft',
  );
  t.equal(service.metadata.namespace, 'intra-proxy');
  t.equal(service.spec.ports[0]?.port, 3128);
});

interface Workload {
  readonly kind: string;
  readonly client?: string;
  readonly envFrom?: string;
}

/** A workload with one container. */
function workload({ kind, client, envFrom = '' }: Workload): string {
  const labels = client === undefined ? '' : `, labels: { weir-client: ${client} }`;
  const template = `{ template: { spec: { containers: [{ name: c, image: i${envFrom} }] } } }`;
  const spec = kind === 'CronJob' ? `{ jobTemplate: { spec: ${template} } }` : template;
  const apiVersion = kind.endsWith('Job') ? 'batch/v1' : 'apps/v1';
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: w${labels} }\nspec: ${spec}\n`;
}

/** Names of the ConfigMaps that the only container of `kind` takes its environment from. */
function sources(manifests: readonly Manifest[], kind: string): readonly string[] {
  const text = JSON.stringify(only(manifests, kind));
  return [...text.matchAll(/"configMapRef":\{"name":"([^"]*)"\}/g)].map(([, name]) => name ?? '');
}

t.test('workloads with the label have the variables, and no others do', async (t) => {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return;
  const built = (one: Workload): readonly Manifest[] => {
    const folder = t.testdir();
    writeFileSync(join(folder, 'workload.yaml'), workload(one));
    const parts = { resources: [], components: ['clients'] };
    return kustomize(kubectl, composed(folder, parts, 'resources:\n  - workload.yaml\n'));
  };
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']) {
    t.same(sources(built({ kind, client: 'env' }), kind), ['weir-proxy'], kind);
    t.same(
      sources(built({ kind, client: 'java' }), kind),
      ['weir-proxy', 'weir-proxy-java'],
      `${kind}, Java`,
    );
  }
  t.same(sources(built({ kind: 'Deployment' }), 'Deployment'), [], 'without the label');
  const taken = { kind: 'Deployment', client: 'env', envFrom: ', envFrom: [{ secretRef: { name: s } }]' };
  t.throws(() => built(taken), /testing value .*envFrom failed/);
});
