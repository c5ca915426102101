/**
 * Pages of docs/runbooks/: one for each alert and no other, in both languages, and with commands that exist. `weir`, `kubectl`,
 * `systemctl`, `journalctl`, `amtool`, `promtool` and the programs of deploy/ and vm/ are asked themselves which options they have; what
 * a query returns is for npm run test:monitoring to show, what those of deploy/ come to for test/deploy/runbooks.ts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ALERTS } from '../../scripts/monitoring/groups.ts';
import { K8S } from '../fixtures/manifests.ts';
import { complaints } from '../fixtures/runbook-checks.ts';
import { commandsOf } from '../fixtures/runbook-commands.ts';
import { codeIn, docsPage, rowsWith } from '../fixtures/tables.ts';
import { needTool } from '../fixtures/tools.ts';

t.setTimeout(120_000);

const RUNBOOKS = join(import.meta.dirname, '../../docs/runbooks');
const PAGES = readdirSync(RUNBOOKS).filter((file) => file !== 'README.md');
const pageOf = (file: string): string => readFileSync(join(RUNBOOKS, file), 'utf8');
const HEADINGS = ['Meaning · 含义', 'Impact · 影响', 'Look · 检查', 'Recover · 恢复'];
t.test('every alert has its page, and every page its alert', async (t) => {
  t.same(PAGES.toSorted(), ALERTS.map(({ name }) => `${name}.md`).toSorted());
});

t.test('every page says it all, in English and in Chinese', async (t) => {
  for (const file of PAGES) {
    const [title = '', ...sections] = pageOf(file).split(/^## /m);
    t.equal(title.trim(), `# ${file.replace('.md', '')}`);
    t.same(
      sections.map((text) => text.split('\n')[0]),
      HEADINGS,
      file,
    );
    const [meaning = '', impact = '', look = '', recover = ''] = sections;
    for (const [index, text] of [meaning, impact, recover].entries()) {
      const lines = text
        .split('\n')
        .slice(1)
        .filter((line) => line !== '');
      const isChinese = (line: string): boolean => /\p{Script=Han}/u.test(line);
      t.ok(lines.some(isChinese) && lines.some((line) => !isChinese(line)), `${file}: part ${index}`);
    }
    t.match(look, /```sh\n(?:.+\n){2,}```/, `${file}: commands`);
    const steps = recover.split('恢复步骤').map((text) => text.match(/^\d+\. /gm)?.length ?? 0);
    t.ok((steps[0] ?? 0) > 0, `${file}: steps`);
    t.equal(steps[0], steps[1], `${file}: as many steps in both languages`);
  }
});

async function needAll(t: Test, programs: readonly string[]): Promise<boolean> {
  const found = await Promise.all(programs.map((program) => needTool(t, program)));
  return !found.includes(undefined);
}

t.test('commands are those of programs that have such options, and others do not pass', async (t) => {
  if (!(await needAll(t, ['kubectl', 'systemctl', 'journalctl', 'amtool']))) return;
  for (const file of [...PAGES, 'README.md']) {
    const commands = commandsOf(pageOf(file));
    t.ok(commands.length > 2, `${file}: commands`);
    for (const command of commands) t.same(complaints(command), [], `${file}: ${command.join(' ')}`);
  }
  for (const wrong of [
    'weir chek a.yaml',
    'weir check --loudly a.yaml',
    'kubectl gett pods',
    'kubectl get pods --everything',
    'kubectl debug POD --image=x -- weir docter x',
    'systemctl --restartt weir',
    'amtool --alertmanager.uri=x alert query',
    'promtool ask x',
    'wier check',
    'deploy/rollback polizy --settings prod.env',
    'deploy/rollback policy --settings prod.env --hard',
    'deploy/rollback version --tier 1',
    'deploy/undo --settings prod.env',
    'vm/rollback policy --settings vm/prod.env',
    'vm/verify --settings vm/prod.env --loudly',
  ])
    t.not(complaints(wrong.split(' ')).length, 0, wrong);
});

/** Alerts that a change can have brought about. */
const TAKEN_BACK: Readonly<Record<string, readonly ('policy' | 'version' | 'squid')[]>> = {
  WeirFailingFast: ['policy', 'version', 'squid'],
  WeirPeerDown: ['policy', 'version'],
  WeirPeerRefusesUs: ['policy'],
  WeirRefusalBurst: ['policy'],
  WeirReloadFailed: ['policy'],
  WeirReplicasMissing: ['policy', 'version'],
  WeirRequestsSlow: ['version'],
  WeirRestarting: ['policy', 'version'],
  WeirRouteDegraded: ['policy', 'version'],
  WeirSlow: ['version'],
  WeirTierDown: ['policy', 'version', 'squid'],
  WeirWorkerCrashed: ['version'],
};

t.test('what a change has brought about is taken back by deploy/rollback, and by nothing else', async (t) => {
  for (const file of PAGES) {
    const parts =
      pageOf(file)
        .split(/^## Recover .*$/m)[1]
        ?.split('恢复步骤') ?? [];
    for (const text of parts) {
      const ways = [...text.matchAll(/`deploy\/rollback (\w+) /g)].map(([, way]) => way);
      t.same([...new Set(ways)].toSorted(), (TAKEN_BACK[file.replace('.md', '')] ?? []).toSorted(), file);
    }
    // The state of the deployment would not know of it: verifying says that somebody has changed it by another way.
    t.notMatch(pageOf(file), /rollout undo|kubectl apply|kubectl set image/, file);
  }
});

t.test('both languages of a page name the same commands', async (t) => {
  for (const file of PAGES) {
    const [english, chinese] = (pageOf(file).split(/^## Recover .*$/m)[1] ?? '')
      .split('恢复步骤')
      .map((text) => commandsOf(text).map((words) => words.join(' ')));
    t.same(chinese, english, file);
  }
});

/** Alerts of a way that doctor can walk. */
const WALKED = [
  'WeirAuditFailing',
  'WeirBypassCanaryFailed',
  'WeirEgressFailing',
  'WeirFailingFast',
  'WeirFailingSlowly',
  'WeirHandshakesFailing',
  'WeirNamesFailing',
  'WeirPeerDown',
  'WeirPeerEjected',
  'WeirPeerRefusesUs',
  'WeirRefusalBurst',
  'WeirRouteDegraded',
  'WeirTargetsFailing',
  'WeirTierDown',
];

t.test('where the way is broken the page begins with doctor, and says which ✗ is to be seen', async (t) => {
  const title =
    /✗ (?!names|is )(?!(?:Tier [12], (?:TCP|verdict|reached)|Target, (?:DNS|TCP|TLS|answer))(?!\w))/u;
  for (const file of PAGES) {
    const page = pageOf(file);
    t.equal(page.includes('\nweir doctor '), WALKED.includes(file.replace('.md', '')), file);
    t.notMatch(page, title, `${file}: a step of doctor's`);
    if (page.includes('\nweir doctor ')) t.match(page, /```sh\n# [^\n]*✗[^\n]*\nweir doctor /, file);
  }
});

t.test('pages name namespaces, objects and files that there are', async (t) => {
  const manifests = readdirSync(K8S, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readFileSync(join(K8S, file), 'utf8'))
    .join('\n');
  for (const file of PAGES) {
    for (const [, path = ''] of pageOf(file).matchAll(/`(k8s\/[\w./-]+)`/g))
      t.ok(existsSync(join(K8S, '..', path)), `${file}: ${path}`);
    for (const [, name = ''] of pageOf(file).matchAll(
      /(?:`|网络策略 `)((?:weir-(?:from|to)-|only-through-)[\w-]+)`/g,
    ))
      t.match(manifests, `name: ${name}\n`, `${file}: ${name}`);
    for (const [, name = ''] of pageOf(file).matchAll(/kubectl -n ([a-z][\w-]*)/g))
      t.ok(['intra-proxy', 'api', 'monitoring', 'kube-system', 'redis'].includes(name), `${file}: ${name}`);
  }
});

t.test('pages speak of metrics and reasons that there are', async (t) => {
  const metrics = rowsWith(docsPage('metrics.md'), 'Metric').map((row) => codeIn(row.Metric)[0]);
  for (const file of PAGES) {
    for (const [name] of pageOf(file).matchAll(/\b(?:weir|process|nodejs)_\w+(?<!_)/g)) {
      if (/\{__name__/.test(pageOf(file)) && name === 'weir_peer') continue;
      t.ok(metrics.includes(name.replace(/_(?:bucket|sum|count)$/, '')), `${file}: ${name}`);
    }
    const statuses = pageOf(file).matchAll(/\b[45]\d\d `(\w+)`/g);
    for (const [, reason = ''] of statuses)
      t.match(docsPage('errors.md'), `\`${reason}\``, `${file}: ${reason}`);
  }
});
