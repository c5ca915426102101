/**
 * All manifests of k8s/, built offline and checked strictly: by the types of Kubernetes' official client, by the profile that the
 * namespace enforces, and by YAML 1.1. One compiler run judges the good ones, and broken ones that it has to find.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parseAllDocuments } from 'yaml';
import { doctorJob } from '../../deploy/steps/doctor-job.ts';
import { typeErrors } from '../fixtures/manifest-types.ts';
import { composed, K8S, kustomizations, kustomize, type Manifest, only } from '../fixtures/manifests.ts';
import { podComplaints, podOf } from '../fixtures/pod-security.ts';
import { needTool } from '../fixtures/tools.ts';

t.setTimeout(120_000);

let built: ReadonlyMap<string, readonly Manifest[]> | undefined;

/** All of them, built once: the folders that stand by themselves, and the base with each component. */
async function build(t: Test): Promise<ReadonlyMap<string, readonly Manifest[]> | undefined> {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return undefined;
  if (built !== undefined) return built;
  const { whole, components } = kustomizations();
  const withBase = components.map((component): [string, readonly Manifest[]] => {
    const folder = composed(t.testdir(), { resources: ['base'], components: [component] });
    return [component, kustomize(kubectl, folder)];
  });
  const doctor = doctorJob('weir-doctor', 'weir@sha256:0', ['doctor', 'login.microsoft.com']) as Manifest;
  built = new Map([
    ...whole.map((folder) => [folder, kustomize(kubectl, folder)] as const),
    ...withBase,
    ['deploy/steps/doctor-job.ts', [doctor]],
  ]);
  return built;
}

type Breaking = (text: string) => string;

/** What a slip of the hand makes of the base's manifests, by what it is and what finds it. */
const BROKEN: Readonly<Record<string, { kind: string; breaking: Breaking; says: RegExp }>> = {
  'a typing error in a field': {
    kind: 'Deployment',
    breaking: (text) => text.replace('"readinessProbe"', '"readynessProbe"'),
    says: /readynessProbe"?' does not exist in type 'V1Container'/,
  },
  'a field in a wrong place': {
    kind: 'Deployment',
    breaking: (text) => text.replace('"containers"', '"minReplicas":2,"containers"'),
    says: /minReplicas"?' does not exist in type 'V1PodSpec'/,
  },
  'a number where text belongs': {
    kind: 'Deployment',
    breaking: (text) => text.replace('"value":"1"', '"value":1'),
    says: /Type 'number' is not assignable to type 'string'/,
  },
  'text where a number belongs': {
    kind: 'HorizontalPodAutoscaler',
    breaking: (text) => text.replace('"minReplicas":2', '"minReplicas":"2"'),
    says: /Type 'string' is not assignable to type 'number'/,
  },
  'a truth value where text belongs': {
    kind: 'Namespace',
    breaking: (text) => text.replace('"restricted"', 'true'),
    says: /Type 'boolean' is not assignable to type 'string'/,
  },
  'a list where an object belongs': {
    kind: 'Service',
    breaking: (text) => text.replace(/"selector":(\{[^}]*\})/, '"selector":[$1]'),
    says: /is not assignable to type/,
  },
  'a required field that is missing': {
    kind: 'HorizontalPodAutoscaler',
    breaking: (text) => text.replace('"maxReplicas":10,', ''),
    says: /Property '+maxReplicas'+ is missing/,
  },
  'a peer of a policy that is no peer': {
    kind: 'NetworkPolicy',
    breaking: (text) => text.replace('"from"', '"form"'),
    says: /form"?' does not exist/,
  },
  'a group that the kind is not of': {
    kind: 'Deployment',
    breaking: (text) => text.replace('apps/v1', 'extensions/v1beta1'),
    says: /extensions\/v1beta1 Deployment is no kind/,
  },
};

t.test('every manifest has the type of its kind, and broken ones do not', async (t) => {
  const all = await build(t);
  if (all === undefined) return;
  t.ok(all.size > 7, 'there is more than the base');
  const good = [...all.values()].flat();
  const base = all.get('base') ?? [];
  const broken = Object.values(BROKEN).map(({ kind, breaking }) => {
    const texts = base
      .filter((manifest) => manifest.kind === kind)
      .map((manifest) => JSON.stringify(manifest));
    const text = texts.find((text) => breaking(text) !== text);
    if (text === undefined) throw new Error(`Cannot break any ${kind}`);
    return JSON.parse(breaking(text)) as Manifest;
  });
  const errors = typeErrors(t.testdir(), [...good, ...broken]);
  for (const [index, { kind, metadata }] of good.entries())
    t.same(errors[index], [], `${kind} ${metadata.name}`);
  for (const [index, [what, { says }]] of Object.entries(BROKEN).entries()) {
    t.match(errors[good.length + index], [says], what);
  }
});

t.test('no pod wants what the restricted profile forbids', async (t) => {
  const all = await build(t);
  if (all === undefined) return;
  const pods = [...all.values()].flat().filter((manifest) => podOf(manifest) !== undefined);
  t.ok(pods.length > 0, 'there are pods');
  for (const manifest of pods)
    t.same(podComplaints(manifest), [], `${manifest.kind} ${manifest.metadata.name}`);
  const text = JSON.stringify(only(all.get('base') ?? [], 'Deployment'));
  const worse: Readonly<Record<string, Breaking>> = {
    'root allowed': (text) => text.replace('"runAsNonRoot":true', '"runAsNonRoot":false'),
    'capabilities kept': (text) => text.replace('"drop":["ALL"]', '"drop":["NET_RAW"]'),
    'no seccomp profile': (text) => text.replace('"RuntimeDefault"', '"Unconfined"'),
    'privileges gained': (text) => text.replace('"allowPrivilegeEscalation":false,', ''),
    'the host’s network': (text) =>
      text.replace('"serviceAccountName"', '"hostNetwork":true,"serviceAccountName"'),
    'a folder of the host': (text) => text.replace('"configMap":{"name":"weir"}', '"hostPath":{"path":"/"}'),
  };
  for (const [what, worsen] of Object.entries(worse)) {
    t.equal(podComplaints(JSON.parse(worsen(text)) as Manifest).length, 1, what);
  }
});

t.test('YAML 1.1, which Kubernetes reads, and 1.2 agree about every file', async (t) => {
  const files = readdirSync(K8S, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yaml'),
  );
  t.ok(files.length > 8, 'there are files');
  for (const file of files) {
    const text = readFileSync(join(K8S, file), 'utf8');
    const [old, current] = (['1.1', '1.2'] as const).map((version) =>
      parseAllDocuments(text, { version }).map((document) => document.toJS()),
    );
    t.same(old, current, file);
  }
  const surprise = parseAllDocuments('a: y\nb: 0440', { version: '1.1' }).map((document) => document.toJS());
  t.same(surprise, [{ a: true, b: 288 }], 'what this is about');
});
