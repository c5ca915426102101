/** Grafana's dashboards by their structure: no Grafana runs here. What each expression returns: npm run test:monitoring. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DASHBOARDS, SCHEMA_VERSION } from '../../scripts/monitoring/render-dashboard.ts';
import { composed, K8S, kustomize, only } from '../fixtures/manifests.ts';
import { codeIn, docsPage, rowsWith } from '../fixtures/tables.ts';
import { needTool } from '../fixtures/tools.ts';

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly datasource: unknown;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly repeat?: string;
  readonly datasource: unknown;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly fieldConfig: { readonly defaults: { readonly unit: string; readonly noValue: string } };
  readonly targets: readonly Target[];
}

interface Model {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly description: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly Panel[];
}

const FOLDER = join(K8S, 'monitoring/grafana');
const SOURCE = { type: 'prometheus', uid: '$datasource' };
const MODELS = DASHBOARDS.map(
  ({ uid }) => JSON.parse(readFileSync(join(FOLDER, `${uid}.json`), 'utf8')) as Model,
);
const METRICS = new Map(
  rowsWith(docsPage('metrics.md'), 'Metric').map((row) => [codeIn(row.Metric)[0], codeIn(row.Labels)]),
);
const SCRAPED = ['job', 'tier', 'instance'];

for (const { uid, schemaVersion, description, templating, panels } of MODELS) {
  t.test(`${uid} is a dashboard with a choice of Prometheus and of tiers`, async (t) => {
    t.equal(schemaVersion, SCHEMA_VERSION);
    t.match(description, /\.$/);
    t.same(
      templating.list.map(({ name, type }) => [name, type]),
      [
        ['datasource', 'datasource'],
        ['tier', 'query'],
      ],
    );
    t.same(
      panels.map(({ id }) => id),
      panels.map((_, index) => index + 1),
      'ids of their own',
    );
    let y = 0;
    for (const { gridPos, title } of panels) {
      t.same([gridPos.x, gridPos.y, gridPos.w], [0, y, 24], `${title} is below the one before`);
      y += gridPos.h;
    }
  });

  t.test(`${uid} has panels that say what they show, for one tier each`, async (t) => {
    const drawn = panels.filter(({ type }) => type !== 'row');
    t.ok(drawn.length >= 8);
    for (const { title, description, repeat, datasource, fieldConfig, targets } of drawn) {
      t.match(title, /^\S.*: \$tier$/);
      t.match(description, /^\S.*\.$/, title);
      t.equal(repeat, 'tier', title);
      t.match(fieldConfig.defaults, { unit: /^\w+$/, noValue: /^No data/ }, title);
      t.same(
        [datasource, ...targets.map((target) => target.datasource)],
        [SOURCE, ...targets.map(() => SOURCE)],
      );
      t.same(
        targets.map(({ refId }) => refId),
        [...'ABCDE'].slice(0, targets.length),
        title,
      );
      for (const { expr, legendFormat } of targets) {
        t.match(legendFormat, /\S/, title);
        t.same(wrongIn(expr), [], `${title}: ${expr}`);
      }
    }
  });
}

/** Selectors that ask for no tier, for metrics that there are not, or for labels that these have not. */
function wrongIn(expr: string): readonly string[] {
  const selectors = [...expr.matchAll(/\b((?:weir|process|nodejs)_\w+|up)(?:\{([^}]*)\})?/g)];
  if (selectors.length === 0) return ['nothing is asked for'];
  return selectors.flatMap(([selector, metric = '', matchers = '']) => {
    const labels = METRICS.get(metric.replace(/_(?:bucket|count|sum)$/, ''));
    const asked = [...matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label);
    const isKnown = labels !== undefined || metric === 'up';
    const strange = asked.filter((label) => !SCRAPED.includes(label) && labels?.includes(label) === false);
    const isOfTier = matchers.startsWith('job="weir", tier="$tier"');
    return isKnown && isOfTier && strange.length === 0 ? [] : [selector];
  });
}

t.test('a query that is wrong is seen', async (t) => {
  for (const expr of [
    'sum(weir_tunnels_open)',
    'weir_tunnels_opened{job="weir", tier="$tier"}',
    'weir_tunnels_open{job="weir", tier="$tier", host="x"}',
    'vector(1)',
  ])
    t.equal(wrongIn(expr).length, 1, expr);
});

t.test('what there is to monitor by the design is on a panel', async (t) => {
  const text = JSON.stringify(MODELS);
  for (const metric of METRICS.keys()) {
    // Of pods' namespaces and of Node there is more than anybody wants to see.
    if (
      !metric?.startsWith('weir_') ||
      /namespaces|_restarts_|sharers|crowded|retries|ejections/.test(metric)
    )
      continue;
    t.match(text, metric, metric);
  }
});

t.test('the ConfigMap has all of them, under the label that Grafana looks for', async (t) => {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return;
  const folder = composed(t.testdir(), { resources: ['base'], components: ['monitoring/grafana'] });
  const { metadata, data } = only<{
    metadata: { namespace: string; labels: object };
    data: Record<string, string>;
  }>(kustomize(kubectl, folder), 'ConfigMap', 'weir-dashboards');
  t.equal(metadata.namespace, 'monitoring');
  t.match(metadata.labels, { grafana_dashboard: '1' });
  t.same(Object.keys(data).sort(), DASHBOARDS.map(({ uid }) => `${uid}.json`).sort());
});
