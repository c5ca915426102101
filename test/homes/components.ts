/** What components say at their top is to be written into weir.yaml: Weir takes it. */
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { composed, K8S, kustomize, only } from '../fixtures/manifests.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { folderOf } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { needTool } from '../fixtures/tools.ts';
import { startWeir, weir } from '../fixtures/weir.ts';

t.setTimeout(120_000);

t.test('components/redis says a store that weir.yaml can have', async (t) => {
  const said = readFileSync(join(K8S, 'components/redis/kustomization.yaml'), 'utf8');
  const [, lines = ''] = /^# {3}store:\n((?:# {5,}.*\n)+)/m.exec(said) ?? [];
  const store = parse(lines.replaceAll(/^# {5}/gm, ''));
  t.match(store, { redis: { passwordFile: '/etc/weir-redis/password', caFile: '/etc/weir-redis/ca.crt' } });
  const config = { ...parse(readFileSync(join(K8S, 'base/weir.yaml'), 'utf8')) };
  const file = join(t.testdir({}), 'weir.yaml');
  writeFileSync(file, stringify({ ...config, limits: { ...config.limits, store } }));
  const checked = await weir('check', '--without-secrets', file);
  t.equal(checked.status, 0, checked.stdout + checked.stderr);
  t.match(checked.stderr, 'not read: /etc/weir-redis/ca.crt, /etc/weir-redis/password');
});

interface Pod {
  readonly containers: readonly {
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly emptyDir?: { readonly sizeLimit: string } }[];
}

/** Where an emptyDir is mounted in a pod with the component, by its name. */
function mountsOf(t: Test, kubectl: string): ReadonlyMap<string, string> {
  const folder = composed(t.testdir(), { resources: ['base'], components: ['components/cache'] });
  const { spec } = only(kustomize(kubectl, folder), 'Deployment') as unknown as {
    spec: { template: { spec: Pod } };
  };
  const { containers, volumes } = spec.template.spec;
  t.same(
    volumes.filter(({ emptyDir }) => emptyDir !== undefined),
    [
      { name: 'cache', emptyDir: { sizeLimit: '1536Mi' } },
      { name: 'run', emptyDir: { sizeLimit: '1Mi' } },
    ],
  );
  return new Map(containers[0]?.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
}

/** As the kubelet makes an emptyDir for a pod with an fsGroup: another's, and its group may write there. Only root can give it away. */
function emptyDirAt(path: string): void {
  mkdirSync(path, { recursive: true });
  if (process.getuid?.() === 0) chownSync(path, 65_534, 65_532);
  chmodSync(path, 0o2777);
}

t.test('components/cache says what Weir takes on an emptyDir, and weir cache finds it there', async (t) => {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return;
  const mounts = mountsOf(t, kubectl);
  const said = readFileSync(join(K8S, 'components/cache/kustomization.yaml'), 'utf8');
  const [, lines = ''] = /^# {3}cache:\n((?:# {5}.*\n)+)/m.exec(said) ?? [];
  const { disk, socket } = parse(lines.replaceAll(/^# {5}/gm, ''));
  t.equal(disk.path, mounts.get('cache'));
  t.equal(dirname(dirname(socket)), mounts.get('run'), 'one folder below, which Weir makes');
  t.equal(disk.size, '1GiB', 'two thirds of its volume');

  const root = folderOf(t);
  for (const name of ['cache', 'run']) emptyDirAt(join(root, mounts.get(name) as string));
  const cache = { disk: { ...disk, path: join(root, disk.path) }, socket: join(root, socket) };
  const access = '[{ name: reads, allow: [all], cache: true }]';
  const proxy = await startWeir(t, yamlOf({ access, cache: JSON.stringify(cache) }));
  t.match(await proxy.logged('Listening for weir cache'), { socket: cache.socket });
  t.equal(statSync(dirname(cache.socket)).mode & 0o777, 0o700);

  await using origin = await httpOrigin((_, response) => {
    response.setHeader('Cache-Control', 'max-age=3600').end('body');
  });
  const url = `http://origin.example:${origin.port}/`;
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`);
  t.match((await readAnswer(client)).fields['cache-status'], /stored/);
  const file = proxy.configFile as string;
  t.match(await weir('cache', 'why', '-c', file, url), { status: 0, stdout: /1 answer is kept/ });
  t.match(await weir('cache', 'purge', '-c', file, url), { status: 0, stdout: /: 1 answer\n/ });
});
