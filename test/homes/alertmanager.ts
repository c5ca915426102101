/**
 * The examples of Alertmanager and of scraping, as the programs themselves read them: who hears of which alert, what is held back by
 * what, that a webhook gets both messages, and which labels a scrape gives.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import { freePort } from '../../scripts/lib/ports.ts';
import { ALERTS } from '../../scripts/monitoring/groups.ts';
import { Alertmanager, type PostedAlert } from '../fixtures/alertmanager.ts';
import { K8S } from '../fixtures/manifests.ts';
import {
  impatientExample,
  type Message,
  startWebhook,
  type Webhook,
} from '../fixtures/monitoring/webhook.ts';
import { owned } from '../fixtures/owned.ts';
import { needTool } from '../fixtures/tools.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(120_000);

const FOLDER = join(K8S, 'monitoring/alertmanager');
const CONFIG = join(FOLDER, 'alertmanager.yml');
const config = parse(readFileSync(CONFIG, 'utf8'));

function said(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : `failed: ${stdout}${stderr}`;
}

t.test('amtool takes the example, and not one with a slip', async (t) => {
  const amtool = await needTool(t, 'amtool');
  if (amtool === undefined) return;
  t.match(said(amtool, 'check-config', CONFIG), /SUCCESS\nFound:[\s\S]*12 inhibit rules[\s\S]*1 templates/);
  const broken = join(t.testdir(), 'broken.yml');
  writeFileSync(broken, readFileSync(CONFIG, 'utf8').replace('receiver: office', 'receiver: offices'));
  t.match(said(amtool, 'check-config', broken), 'undefined receiver "offices"');
});

t.test('every alert comes to somebody by its severity, and security hears of its own', async (t) => {
  const amtool = await needTool(t, 'amtool');
  if (amtool === undefined) return;
  const hears: Readonly<Record<string, string>> = { critical: 'on-call', warning: 'office', info: 'board' };
  for (const { name, severity, labels = {} } of ALERTS) {
    const all = { alertname: name, severity, tier: 'tier-1', ...labels };
    const pairs = Object.entries(all).map(([label, value]) => `${label}=${value}`);
    const receivers = said(amtool, 'config', 'routes', 'test', `--config.file=${CONFIG}`, ...pairs);
    const first = labels.team === 'security' ? 'security,' : '';
    t.equal(receivers, severity === 'none' ? 'heartbeat' : `${first}${hears[severity]}`, name);
  }
});

t.test('inhibition speaks of alerts that there are', async (t) => {
  const names = new Set<string>(ALERTS.map(({ name }) => name));
  const spoken = JSON.stringify(config.inhibit_rules).match(/Weir\w+/g) ?? [];
  t.ok(spoken.length > 20);
  for (const name of spoken) t.ok(names.has(name), name);
});

t.test('everybody is told when it is over, but for the heartbeat', async (t) => {
  for (const { name, ...kinds } of config.receivers as { name: string; [kind: string]: unknown }[]) {
    const ways = Object.values(kinds).flat() as { send_resolved: boolean }[];
    t.ok(ways.length > 0, name);
    for (const way of ways) t.equal(way.send_resolved, name !== 'heartbeat', name);
  }
  const [onCall] = config.receivers;
  t.same(Object.keys(onCall), ['name', 'webhook_configs', 'slack_configs', 'email_configs']);
});

t.test('messages say what, since when, and where to read on, in both languages', async (t) => {
  const amtool = await needTool(t, 'amtool');
  if (amtool === undefined) return;
  const of = (status: string, summary: string) => ({
    status,
    annotations: { summary, description: 'D.', runbook_url: 'https://x/WeirPeerDown.md' },
    startsAt: '2026-11-23T10:00:00Z',
    endsAt: '2026-11-23T10:05:00Z',
  });
  const commonLabels = { alertname: 'WeirPeerDown', tier: 'tier-1' };
  const data = { status: 'firing', alerts: [of('firing', 'vm-a'), of('resolved', 'vm-b')], commonLabels };
  const file = join(t.testdir(), 'data.json');
  writeFileSync(file, JSON.stringify(data));
  const rendered = (name: string): string => {
    const text = `--template.text={{ template "${name}" . }}`;
    const glob = `--template.glob=${join(FOLDER, 'weir.tmpl')}`;
    return said(amtool, 'template', 'render', glob, text, `--template.data=${file}`);
  };
  t.equal(rendered('weir.title'), '[1 firing 告警] WeirPeerDown tier-1');
  t.equal(
    rendered('weir.text'),
    `vm-a
D.
since 开始于: 2026-11-23 10:00:00 UTC
runbook 处理手册: https://x/WeirPeerDown.md

resolved 已恢复: vm-b (2026-11-23 10:05:00 UTC)`,
  );
});

/** An Alertmanager whose messages come here. */
async function open(
  t: Test,
): Promise<{ alertmanager: Alertmanager; messages: Webhook['messages'] } | undefined> {
  const program = await needTool(t, 'prometheus-alertmanager');
  if (program === undefined) return undefined;
  const hook = owned(t, await startWebhook());
  const folder = t.testdir();
  const file = impatientExample(folder, hook.url);
  const port = await freePort();
  const alertmanager = owned(t, await Alertmanager.start({ program, file, port, folder }));
  return { alertmanager, messages: hook.messages };
}

const alert = (alertname: string, labels: Readonly<Record<string, string>> = {}): PostedAlert => {
  const known = ALERTS.find(({ name }) => name === alertname);
  return { labels: { alertname, severity: known?.severity ?? '', ...known?.labels, ...labels } };
};

t.test('the webhook hears that something fires, and that it is over', async (t) => {
  const stage = await open(t);
  if (stage === undefined) return;
  const { alertmanager, messages } = stage;
  const down = alert('WeirAuditFailing', { tier: 'tier-2', instance: 'vm-a' });
  await alertmanager.post([down, alert('WeirAuditFailing', { tier: 'tier-2', instance: 'vm-b' })]);
  const of = (receiver: string, status: string): Message[] =>
    messages.filter((message) => message.receiver === receiver && message.status === status);
  // It may send the first before it has read the second, and then sends both.
  const hasBoth = (): boolean => of('on-call', 'firing').at(-1)?.alerts.length === 2;
  await eventually(hasBoth, 'both machines in one message');
  await eventually(() => of('security', 'firing').length > 0, 'one to security');
  await alertmanager.post([down, alert('WeirAuditFailing', { tier: 'tier-2', instance: 'vm-b' })].map(over));
  await eventually(() => of('on-call', 'resolved').length > 0, 'the end');
  await eventually(() => of('security', 'resolved').length > 0, 'the end, for security');
});

function over(posted: PostedAlert): PostedAlert {
  return { ...posted, endsAt: new Date().toISOString() };
}

t.test('a tier that is down holds back what comes of it, and nothing else', async (t) => {
  const stage = await open(t);
  if (stage === undefined) return;
  const { alertmanager, messages } = stage;
  const held = [
    alert('WeirPeerDown', { tier: 'tier-1', peer: 'vm-a' }),
    alert('WeirRouteDegraded', { tier: 'tier-1', route: 'out' }),
    alert('WeirFailingFast', { tier: 'tier-1' }),
    alert('WeirDown', { tier: 'tier-2', instance: 'vm-a', job: 'weir' }),
  ];
  const heard = [
    alert('WeirReloadFailed', { tier: 'tier-1', instance: 'pod-a' }),
    alert('WeirDown', { tier: 'tier-1', instance: 'pod-a', job: 'weir' }),
  ];
  await alertmanager.post([alert('WeirTierDown', { tier: 'tier-2' })]);
  await alertmanager.post([...held, ...heard]);
  const states = async (): Promise<readonly string[]> =>
    (await alertmanager.alerts())
      .filter(({ status }) => status.inhibitedBy.length > 0)
      .map(({ labels }) => `${labels.alertname} ${labels.tier}`);
  const wanted = held.map(({ labels }) => `${labels.alertname} ${labels.tier}`).toSorted();
  await eventually(async () => (await states()).length === held.length, 'all consequences to be held back');
  t.same((await states()).toSorted(), wanted);
  await eventually(() => messages.filter(({ status }) => status === 'firing').length >= 3, 'the others');
  const names = new Set(
    messages.flatMap(({ alerts }) => alerts.map(({ labels }) => `${labels.alertname} ${labels.tier}`)),
  );
  t.same([...names].toSorted(), ['WeirDown tier-1', 'WeirReloadFailed tier-1', 'WeirTierDown tier-2']);
});

/** prometheus.yml with targets in the place of what Kubernetes would tell, which Debian's Prometheus does not know. */
function withoutDiscovery(t: Test, labels: Readonly<Record<string, string>>): string {
  const folder = t.testdir();
  const prometheus = parse(readFileSync(join(K8S, 'monitoring/prometheus/prometheus.yml'), 'utf8'));
  const [tier1] = prometheus.scrape_configs;
  t.same(tier1.kubernetes_sd_configs, [
    {
      role: 'pod',
      namespaces: { names: ['intra-proxy'] },
      selectors: [{ role: 'pod', label: 'app.kubernetes.io/name=weir' }],
    },
  ]);
  delete tier1.kubernetes_sd_configs;
  tier1.static_configs = [{ targets: ['10.128.0.20:9128'], labels }];
  writeFileSync(join(folder, 'prometheus.yml'), stringify(prometheus));
  copyFileSync(join(K8S, 'monitoring/prometheus/weir.rules.yaml'), join(folder, 'weir.rules.yaml'));
  return join(folder, 'prometheus.yml');
}

const POD = {
  __meta_kubernetes_pod_container_port_name: 'admin',
  __meta_kubernetes_pod_phase: 'Running',
  __meta_kubernetes_pod_label_app_kubernetes_io_component: 'tier-1',
  __meta_kubernetes_pod_name: 'weir-5d4f-abcde',
};

t.test('Prometheus takes the example, and gives the labels that rules go by', async (t) => {
  const promtool = await needTool(t, 'promtool');
  if (promtool === undefined) return;
  const file = withoutDiscovery(t, POD);
  t.match(said(promtool, 'check', 'config', file), /SUCCESS: .*valid prometheus config file/);
  const labelsOf = (from: string, job: string): unknown[] => {
    const found = JSON.parse(said(promtool, 'check', 'service-discovery', '--timeout=1s', from, job));
    return found.map(({ labels }: { labels: Record<string, string> }) => {
      const { job, tier, instance } = labels;
      return labels.__address__ === undefined ? undefined : { job, tier, instance };
    });
  };
  t.same(labelsOf(file, 'weir-tier-1'), [{ job: 'weir', tier: 'tier-1', instance: 'weir-5d4f-abcde' }]);
  t.same(labelsOf(file, 'weir-tier-2'), [
    { job: 'weir', tier: 'tier-2', instance: 'int-proxy-a.aibang.com' },
    { job: 'weir', tier: 'tier-2', instance: 'int-proxy-b.aibang.com' },
  ]);
  const proxyPort = { ...POD, __meta_kubernetes_pod_container_port_name: 'proxy' };
  t.same(labelsOf(withoutDiscovery(t, proxyPort), 'weir-tier-1'), [undefined], 'another port is none');
});

t.test('the Ops Agent scrapes as Prometheus does', async (t) => {
  const promtool = await needTool(t, 'promtool');
  if (promtool === undefined) return;
  const agent = parse(readFileSync(join(K8S, '../vm/monitoring/ops-agent.yaml'), 'utf8'));
  const { scrape_configs } = agent.metrics.receivers.weir.config;
  const file = join(t.testdir(), 'prometheus.yml');
  writeFileSync(file, stringify({ scrape_configs }));
  t.match(said(promtool, 'check', 'config', file), /SUCCESS/);
  t.same(scrape_configs[0].static_configs[0].labels, { tier: 'tier-2' });
  t.same(agent.metrics.service.pipelines.weir.receivers, ['weir']);
});
