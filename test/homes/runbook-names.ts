/**
 * What commands of docs/runbooks/ and docs/operations.md name is there: objects of the cluster in k8s/, units and files of the machine in vm/ and in the package.
 * That programs have such options is for runbooks.ts, what local commands come to for `npm run drill`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { K8S, type Manifest, readManifests } from '../fixtures/manifests.ts';
import { type Command, commandsOf } from '../fixtures/runbook-commands.ts';
import { docsPage } from '../fixtures/tables.ts';

const ROOT = join(K8S, '..');
const RUNBOOKS = join(ROOT, 'docs/runbooks');

const yamlIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));

const MANIFESTS = yamlIn(K8S);
const OBJECTS: readonly Manifest[] = MANIFESTS.flatMap(readManifests).filter(
  (one) => one?.kind !== undefined,
);
const COMMANDS: readonly { readonly file: string; readonly words: Command }[] = [
  ...readdirSync(RUNBOOKS).map((file) => `runbooks/${file}`),
  'operations.md',
]
  .map((file) => ({ file, page: docsPage(file) }))
  .flatMap(({ file, page }) => commandsOf(page).map((words) => ({ file, words })));

/** What kubectl calls them. */
const KINDS: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  deploy: 'Deployment',
  hpa: 'HorizontalPodAutoscaler',
  configmap: 'ConfigMap',
  cronjob: 'CronJob',
  secret: 'Secret',
};
/** Of a platform, which is not ours. */
const FOREIGN = ['kube-system', 'monitoring', 'redis'];

/** Objects that a command names, as `kind/name`. */
function objectsIn(words: Command): readonly (readonly [kind: string, name: string])[] {
  const slashed = words.flatMap((word) => {
    const [, kind, name] = /^(?:--from=)?(\w+)\/([\w-]+)$/.exec(word) ?? [];
    return kind === undefined || name === undefined ? [] : [[KINDS[kind] ?? kind, name] as const];
  });
  const pairs = words.flatMap((word, index) => {
    const [kind, next] = [KINDS[word], words[index + 1]];
    const name = next === 'generic' ? words[index + 2] : next;
    return kind === undefined || name === undefined || name.startsWith('-') ? [] : [[kind, name] as const];
  });
  return [...slashed, ...pairs];
}

/** Whether k8s/ makes it, or, as with Secrets, asks for it. */
function isThere([kind, name]: readonly [kind: string, name: string]): boolean {
  if (kind === 'Secret') return MANIFESTS.some((text) => text.includes(`secretName: ${name}\n`));
  const isMade = OBJECTS.some((one) => one.kind === kind && one.metadata?.name === name);
  const isGenerated = MANIFESTS.some(
    (text) => /(?:configMapGenerator|secretGenerator):\n/.test(text) && text.includes(`name: ${name}\n`),
  );
  return isMade || (kind === 'ConfigMap' && isGenerated);
}

t.test('objects of the cluster', async (t) => {
  const own = COMMANDS.filter(
    ({ words }) => words[0] === 'kubectl' && !FOREIGN.includes(words[words.indexOf('-n') + 1] ?? ''),
  );
  const named = own.flatMap(({ file, words }) => objectsIn(words).map((object) => ({ file, object })));
  t.ok(named.length > 15, 'there are some');
  for (const { file, object } of named) t.ok(isThere(object), `${file}: ${object.join(' ')}`);
  t.notOk(isThere(['Deployment', 'squid']), 'what there is not is not found');
  t.notOk(isThere(['Secret', 'squid']), 'nor a Secret');
});

t.test('labels that pods are chosen by', async (t) => {
  const chosen = COMMANDS.flatMap(({ file, words }) =>
    words[0] === 'kubectl' && words.includes('-l') && !words.includes('kube-system')
      ? [{ file, label: words[words.indexOf('-l') + 1] ?? '' }]
      : [],
  );
  t.ok(chosen.length > 5, 'there are some');
  for (const { file, label } of chosen) {
    const [name, value] = label.split('=');
    t.ok(
      MANIFESTS.some((text) => text.includes(`${name}: ${value}\n`)),
      `${file}: ${label}`,
    );
  }
});

t.test('units, with what they can', async (t) => {
  const units = COMMANDS.flatMap(({ file, words }) =>
    words
      .filter((word) => /^weir(?:\.\w+)?$/.test(word) && /ctl$/.test(words[0] ?? ''))
      .map((unit) => ({ file, unit })),
  );
  t.ok(units.length > 10, 'there are some');
  for (const { file, unit } of units) {
    const name = unit.includes('.') ? unit : `${unit}.service`;
    t.ok(existsSync(join(ROOT, 'vm', name)), `${file}: ${unit}`);
  }
  t.match(readFileSync(join(ROOT, 'vm/weir.service'), 'utf8'), '\nExecReload=', 'systemctl reload');
});

t.test('files of the machine', async (t) => {
  const told = [
    'vm/README.md',
    'vm/logrotate',
    'vm/install.sh',
    'docs/operations.md',
    'docs/configuration.md',
  ]
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
  const paths = COMMANDS.flatMap(({ file, words }) =>
    words.flatMap((word) =>
      [...word.matchAll(/\/(?:etc|var|run|usr)\/weir[\w./-]*|\/var\/log\/weir[\w./-]*/g)].map(([path]) => ({
        file,
        path,
      })),
    ),
  );
  t.ok(paths.length > 8, 'there are some');
  // Beside weir.yaml are the files that the example names.
  const example = readFileSync(join(ROOT, 'examples/t2-mtls.yaml'), 'utf8');
  const isBeside = (path: string): boolean =>
    path.startsWith('/etc/weir/') && example.includes(` ${path.slice('/etc/weir/'.length)}`);
  for (const { file, path } of paths) t.ok(told.includes(path) || isBeside(path), `${file}: ${path}`);
  t.notOk(isBeside('/etc/weir/t3.pem'));
});
