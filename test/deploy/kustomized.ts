/** What an overlay is built of, wherever it lies: a change of it is applied by the next run, and of nothing else. */
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { filesOfBuild, hashOfBuild } from '../../deploy/steps/kustomized.ts';
import { Site } from '../fixtures/deploy/site.ts';
import { kustomize } from '../fixtures/manifests.ts';
import { folderOf } from '../fixtures/owned.ts';
import { needTool } from '../fixtures/tools.ts';

const K8S = join(import.meta.dirname, '../../k8s');

t.test(
  'a changed component, base, canary or policy is applied again, and what is not read is not',
  async (t) => {
    const site = new Site(t, {
      TIER_1: 'k8s/overlays/aibang/intra-proxy',
      CLIENTS: 'k8s/overlays/aibang/api',
    });
    const k8s = join(site.folder, 'k8s');
    cpSync(K8S, k8s, { recursive: true });
    t.match(await site.run(deployMain), { status: 0 });
    for (const [file, applied] of [
      ['components/hop-key/deployment.yaml', 'tier-1'],
      ['monitoring/pod-monitoring/network-policy.yaml', 'tier-1'],
      ['base/service.yaml', 'tier-1'],
      ['canary/cronjob.yaml', 'api'],
      ['canary/bypass-canary.ts', 'api'],
      ['api-namespace/network-policy.yaml', 'api'],
      ['components/redis/deployment.yaml', ''],
      ['README.md', ''],
    ] as const) {
      const before = site.changes.length;
      appendFileSync(join(k8s, file), '\n# changed\n');
      t.match(await site.run(deployMain), { status: 0 }, file);
      const made = site.changes.slice(before);
      t.equal(made.length > 0, applied !== '', file);
      const folders = made.flatMap((line) => /--kustomize=.*\/([^/]+)$/.exec(line)?.[1] ?? []);
      t.equal(folders[0] ?? '', applied, file);
    }
  },
);

t.test('a real kustomize builds the same of those files alone', async (t) => {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return;
  const alone = folderOf(t);
  for (const folder of ['overlays/aibang/intra-proxy', 'overlays/aibang/api', 'overlays/kind']) {
    for (const file of filesOfBuild(join(K8S, folder))) cpSync(file, join(alone, relative(K8S, file)));
    t.same(kustomize(kubectl, join(alone, folder)), kustomize(kubectl, folder), folder);
  }
});

t.test('every way in which a kustomization names a file is followed, each folder once', (t) => {
  const folder = folderOf(t);
  const write = (file: string, text: string): string => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
    return join(folder, file);
  };
  const wanted = [
    write(
      'site/Kustomization',
      `namespace: near
resources: [../base, ../alone.yaml, https://example.com/far.yaml, ..]
patches: [{ path: ../patch.yaml }, { patch: "- op: add\\n  path: ../not-read.yaml" }, { patch: [{ path: /etc/hostname }] }]
configMapGenerator: [{ name: a, files: [b.txt=../text.txt], envs: [../a.env] }, { name: c, literals: [LONG=${'a'.repeat(256)}, "NUL=\\0"] }]
replacements: [{ path: ../replace.yaml }]
`,
    ),
    write('base/kustomization.yml', 'resources: [../site]\n'),
    ...['alone.yaml', 'patch.yaml', 'text.txt', 'a.env', 'replace.yaml'].map((name) => write(name, name)),
  ];
  write('not-read.yaml', '');
  write('near/a.yaml', '');
  t.same(filesOfBuild(join(folder, 'site')), wanted.toSorted());
  const before = hashOfBuild(join(folder, 'site'));
  t.equal(hashOfBuild(join(folder, 'site')), before);
  write('text.txt', 'another');
  t.not(hashOfBuild(join(folder, 'site')), before);
  write('base/kustomization.yml', 'resources: [\n');
  t.same(filesOfBuild(join(folder, 'base')), [join(folder, 'base/kustomization.yml')], 'no YAML');
  t.same(filesOfBuild(join(folder, 'nowhere')), []);
  t.end();
});
