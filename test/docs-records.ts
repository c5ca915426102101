/** Holds docs/access-log.md and docs/metrics.md to what is rendered and registered, in both directions. */
import t from 'tap';
import { REASONS } from '#errors.ts';
import { Metrics } from '#record/metrics.ts';
import { renderJson } from '#record/render-json.ts';
import { fullRecord } from './fixtures/records.ts';
import { codeIn, docsPage, type Row, rowsWith } from './fixtures/tables.ts';

const accessLog = docsPage('access-log.md');
const metricsPage = docsPage('metrics.md');

const rendered = Object.keys(JSON.parse(renderJson(fullRecord())));
const fields = rowsWith(accessLog, 'Field');

const first = (row: Row, column: string): string | undefined => codeIn(row[column])[0];

t.test('docs/access-log.md has every field, in the order of a line, and no other', async (t) => {
  t.ok(rendered.length > 20, 'a record was rendered');
  t.same(
    fields.map((row) => first(row, 'Field')),
    rendered,
  );
});

t.test('docs/access-log.md gives each field a meaning and an example', async (t) => {
  for (const { Field, Meaning, Example } of fields) {
    t.match(Meaning, /^\S.*[^.]$/, String(Field));
    t.equal(codeIn(Example).length, 1, String(Field));
  }
});

t.test('docs/access-log.md shows lines that could be ours', async (t) => {
  const [, block = ''] = /^```json\n([\s\S]*?)\n```$/m.exec(accessLog) ?? [];
  const lines = block.split('\n');
  t.ok(lines.length > 1);
  for (const line of lines) {
    const record = JSON.parse(line);
    t.equal(JSON.stringify(record), line, 'no spaces');
    const names = Object.keys(record);
    t.same(
      names,
      rendered.filter((name) => names.includes(name)),
      'only our fields, in our order',
    );
    t.ok(record.reason === undefined || Object.hasOwn(REASONS, record.reason));
  }
});

t.test('docs/access-log.md has every outcome', async (t) => {
  const documented = rowsWith(accessLog, '`outcome`').map((row) => first(row, '`outcome`'));
  for (const { outcome } of Object.values(REASONS)) t.ok(documented.includes(outcome), outcome);
  t.same([...new Set(documented)], documented, 'each once');
});

t.test('docs/access-log.md has the outcome of every reason, and calls none reserved', async (t) => {
  const given = new Set<string>(Object.values(REASONS).map(({ outcome }) => outcome));
  const rows = rowsWith(accessLog, '`outcome`');
  t.same(rows.map((row) => first(row, '`outcome`')).sort(), [...given].sort());
  for (const { Meaning } of rows) t.notMatch(Meaning, /reserved/);
});

const SEEN = { reachable: true, authorised: true, egress: true };

/** Name, type and labels of all that is registered; labels only of what has a sample. */
async function registered(): Promise<{ name: string; type: string; labels: string[] }[]> {
  const metrics = new Metrics();
  metrics.observeState({
    connectionsOpen: () => 1,
    connectionsMax: () => 2,
    tunnelsOpen: () => [['main', 1]],
    peers: () => [{ name: 'vm-a', isUp: true, openTunnels: 1, standby: 1, standbyWanted: 2, sight: SEEN }],
    ejectedPeers: () => [['vm-a', true]],
    degradedRoutes: () => [['out', true]],
    policy: () => ({ hash: 'abc', rules: 'def' }),
    expiringRules: () => [['pilot', 1_798_710_000]],
    expiringCertificates: () => [['listener main', 1_798_710_001]],
    limitStores: () => [['redis', true]],
    keptAnswers: () => [{ store: 'disk', bytes: 4096, objects: 1 }],
    cacheFaults: () => [['damaged', 2]],
    isCacheDiskUp: () => true,
    limitKeys: () => [{ limit: 'few', keys: 3, crowded: 2 }],
  });
  const known = { count: 1, ageSeconds: 1 };
  metrics.pods.observe(() => ({ pods: known, namespaces: known, sharers: 2 }));
  metrics.host.observeAudit(() => false);
  metrics.host.cachePurged('done');
  metrics.pods.restarts.onRestart('ended');
  metrics.pods.restarts.onNamespacesRestart('ended');
  metrics.observe(fullRecord());
  metrics.observe(fullRecord({ outcome: 'denied', reason: 'rule_denied' }));
  metrics.peerEjected('vm-a');
  metrics.peerFailed('vm-a', 'peer_timeout');
  metrics.retryRefused('out');
  metrics.dnsQuery('ok');
  metrics.limitHit('few');
  metrics.assertionSeen('accepted');
  metrics.handshakeFailed('main', 'no_certificate');
  const text = await metrics.render();
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => {
    const [, list = ''] = new RegExp(`^${name}(?:_bucket)?\\{(.*)\\} `, 'm').exec(text) ?? [];
    const labels = [...list.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
    return { name, type, labels: labels.filter((label) => label !== 'le') };
  });
}

const metricRows = rowsWith(metricsPage, 'Metric');

t.test('docs/metrics.md has every metric with its type, and no other', async (t) => {
  const known = await registered();
  t.ok(known.length > 30, 'metrics were rendered');
  t.same(
    metricRows.map((row) => `${first(row, 'Metric')} ${row.Type}`).sort(),
    known.map(({ name, type }) => `${name} ${type}`).sort(),
  );
  for (const { Metric, Meaning } of metricRows) t.match(Meaning, /^\S.*[^.]$/, String(Metric));
});

t.test('docs/metrics.md has the labels of every metric of ours', async (t) => {
  const known = (await registered()).filter(({ name }) => name.startsWith('weir_'));
  for (const { name, labels } of known) {
    const row = metricRows.find((row) => first(row, 'Metric') === name);
    t.same(codeIn(row?.Labels), labels, name);
    if (labels.length === 0) t.equal(row?.Labels, 'none', name);
  }
});

t.test('docs/metrics.md has every phase', async (t) => {
  const text = await new Metrics().render();
  const phases = [...text.matchAll(/^weir_establish_seconds_count\{phase="(\w+)"\}/gm)];
  t.same(
    rowsWith(metricsPage, '`phase`').map((row) => first(row, '`phase`')),
    phases.map(([, phase]) => phase),
  );
});

t.test('docs/metrics.md asks questions about metrics that exist', async (t) => {
  const names = new Set((await registered()).map(({ name }) => name));
  const queries = [...metricsPage.matchAll(/^```promql\n([\s\S]*?)^```$/gm)].map(([, query = '']) => query);
  t.ok(queries.length > 0);
  for (const query of queries) {
    const asked = query.match(/\b(?:weir|process|nodejs)_\w+/g) ?? [];
    t.ok(asked.length > 0, query);
    for (const name of asked) t.ok(names.has(name.replace(/_(?:bucket|sum|count)$/, '')), name);
  }
});
