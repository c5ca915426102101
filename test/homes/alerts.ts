/** Alerts of k8s/, as Prometheus itself reads them: the groups of each PrometheusRule go through promtool, and broken ones fail there. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { composed, K8S, kustomizations, kustomize, type Manifest } from '../fixtures/manifests.ts';
import { needTool } from '../fixtures/tools.ts';

interface Rules extends Manifest {
  readonly spec: { readonly groups: readonly unknown[] };
}

/** Every PrometheusRule that a folder of k8s/ builds. */
function rulesBuilt(t: Test, kubectl: string): readonly Rules[] {
  const files = readdirSync(K8S, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yaml'),
  );
  const folders = files
    .filter((file) => /^kind: PrometheusRule$/m.test(readFileSync(join(K8S, file), 'utf8')))
    .map((file) => dirname(file));
  const { components } = kustomizations();
  return [...new Set(folders)].flatMap((folder) => {
    const path = components.includes(folder)
      ? composed(t.testdir(), { resources: ['base'], components: [folder] })
      : folder;
    return kustomize(kubectl, path).filter(({ kind }) => kind === 'PrometheusRule') as Rules[];
  });
}

/** What promtool says of groups; empty where it has nothing against them. */
function complaintOf(t: Test, promtool: string, groups: unknown): string {
  const file = join(t.testdir(), 'rules.yaml');
  writeFileSync(file, stringify({ groups }));
  const args = ['check', 'rules', '--lint=all', '--lint-fatal', file];
  const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

/** Slips of the hand, and what promtool says of them. */
const BROKEN: Readonly<Record<string, readonly [breaking: (text: string) => string, says: RegExp]>> = {
  'an expression that ends too early': [
    (text) => text.replace(/"expr":"[^"]*?\(/, '"expr":"(sum('),
    /could not parse expression|parse error/,
  ],
  'a function that there is not': [
    (text) => text.replaceAll('time()', 'tyme()'),
    /unknown function with name "tyme"/,
  ],
  'a field that there is not': [
    (text) => text.replace('"annotations"', '"anotations"'),
    /field anotations not found/,
  ],
  'a label in a template that is misspelt': [
    (text) => text.replace('{{ $labels.namespace }}', '{{ $label.namespace }}'),
    /undefined variable "\$label"/,
  ],
  'a rule that is there twice': [
    (text) => {
      const groups = JSON.parse(text) as { rules: unknown[] }[];
      return JSON.stringify(groups.map((group) => ({ ...group, rules: [group.rules[0], ...group.rules] })));
    },
    /duplicate rule/,
  ],
};

t.test('every alert is one that Prometheus takes, and broken ones it does not', async (t) => {
  const [kubectl, promtool] = [await needTool(t, 'kubectl'), await needTool(t, 'promtool')];
  if (kubectl === undefined || promtool === undefined) return;
  const all = rulesBuilt(t, kubectl);
  t.ok(all.length > 0, 'there are alerts');
  for (const { metadata, spec } of all) t.equal(complaintOf(t, promtool, spec.groups), '', metadata.name);
  const text = JSON.stringify(all[0]?.spec.groups);
  for (const [what, [breaking, says]] of Object.entries(BROKEN)) {
    const broken = breaking(text);
    t.not(broken, text, `${what} can be made`);
    t.match(complaintOf(t, promtool, JSON.parse(broken)), says, what);
  }
});
