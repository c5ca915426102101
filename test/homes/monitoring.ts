/**
 * Rules of Prometheus and what they are made of: what is checked in is what is generated, promtool plays every scene of every alert, and
 * each metric is one that there is. That they return data from real tiers: npm run test:monitoring.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { REASONS } from '#errors.ts';
import type { Alert, Group } from '../../scripts/monitoring/alert.ts';
import { isAlert } from '../../scripts/monitoring/alert.ts';
import { OWN } from '../../scripts/monitoring/expressions.ts';
import { monitoringFiles } from '../../scripts/monitoring/files.ts';
import { ALERTS, GROUPS } from '../../scripts/monitoring/groups.ts';
import { played } from '../fixtures/alert-scenes.ts';
import { run } from '../fixtures/run.ts';
import { codeIn, docsPage, rowsWith } from '../fixtures/tables.ts';
import { needTool } from '../fixtures/tools.ts';

t.setTimeout(240_000);

const ROOT = join(import.meta.dirname, '../..');

t.test('what npm run monitoring makes is what is checked in', async (t) => {
  for (const [path, text] of Object.entries(monitoringFiles()))
    t.equal(readFileSync(join(ROOT, path), 'utf8'), text, `${path}: npm run monitoring`);
  t.same(monitoringFiles(), monitoringFiles(), 'the same each time');
});

t.test('alerts name their pages: those of a checkout, or where the operator has them', async (t) => {
  const urls = (files: Readonly<Record<string, string>>): string[] =>
    Object.values(files).flatMap((text) =>
      [...text.matchAll(/runbook_url: (\S+)/g)].map(([, url = '']) => url),
    );
  const here = urls(monitoringFiles());
  t.ok(here.length > 100, 'in all rules');
  for (const url of here) t.ok(existsSync(join(ROOT, url)), url);
  const folder = t.testdir();
  const page = 'https://git.example.com/docs/runbooks';
  const monitoring = (...args: readonly string[]) =>
    run(process.execPath, [join(ROOT, 'scripts/monitoring.ts'), ...args]);
  const { status } = await monitoring('--runbooks', `${page}/`, '--to', folder);
  t.equal(status, 0);
  const [rules = ''] = Object.keys(monitoringFiles());
  const there = urls({ rules: readFileSync(join(folder, rules), 'utf8') });
  t.ok(there.length > 30);
  for (const url of there) t.match(url, /^https:\/\/git\.example\.com\/docs\/runbooks\/Weir\w+\.md$/);
  const over = await monitoring('--runbooks', page);
  t.match(over, { status: 1, stderr: /--to/ }, 'not over what is checked in');
  t.match(await monitoring('--runbooks', 'docs', '--to', folder), { status: 1, stderr: /"docs" is no URL/ });
});

t.test('every alert has a name of its own, words, and scenes of both kinds', async (t) => {
  t.ok(ALERTS.length > 30, 'there are alerts');
  t.equal(new Set(ALERTS.map(({ name }) => name)).size, ALERTS.length, 'names');
  for (const { name, severity, summary, description, scenes } of ALERTS) {
    t.match(summary, /^\S.*[^.]$/, `${name}: a summary`);
    t.match(description, /\.$/, `${name}: a description`);
    const seen = scenes.flatMap(({ sees }) => Object.values(sees));
    t.ok(
      seen.some((what) => what !== 'quiet'),
      `${name}: fires`,
    );
    t.ok(severity === 'none' || seen.includes('quiet'), `${name}: stays quiet`);
    if (severity === 'none') continue;
    const resolves = scenes.some(({ sees }) => {
      const order = Object.values(sees).map((what) => (what === 'quiet' ? 'q' : 'f'));
      return /q+f+q/.test(order.join(''));
    });
    t.ok(resolves, `${name}: waits, fires and resolves in one scene`);
  }
});

const RATIOS = GROUPS[0] as Group;
const OTHERS = GROUPS.slice(1);

for (const group of OTHERS) {
  t.test(`promtool plays the scenes of ${group.name}`, async (t) => {
    const promtool = await needTool(t, 'promtool');
    if (promtool === undefined) return;
    const needsRatios = JSON.stringify(group.rules).includes('weir:');
    const groups = needsRatios ? [RATIOS, group] : [group];
    t.equal(played({ promtool, folder: t.testdir(), groups }), '');
  });
}

/** An alert that always fires, at once, and the moment of its first scene when it must not. */
function heedless({ for: _, scenes, ...alert }: Alert): Alert {
  const [scene] = scenes.map(({ sees, ...rest }) => ({
    ...rest,
    sees: Object.fromEntries(Object.entries(sees).slice(0, 1)),
  }));
  return { ...alert, expr: 'vector(1)', scenes: scene === undefined ? [] : [scene] };
}

t.test('scenes see an alert that fires whatever happens', async (t) => {
  const promtool = await needTool(t, 'promtool');
  if (promtool === undefined) return;
  for (const { name, rules } of OTHERS) {
    const alerts = rules.filter(isAlert).filter(({ severity }) => severity !== 'none');
    const groups = [{ name, rules: alerts.map(heedless) }];
    const says = played({ promtool, folder: t.testdir(), groups }).split('expr: ');
    for (const { name } of alerts) {
      const failed = says.filter((part) => part.includes(`alertname=\\"${name}\\"`));
      t.match(failed.join(''), /exp: nil\n/, name);
    }
  }
});

const METRICS = new Map(
  rowsWith(docsPage('metrics.md'), 'Metric').map((row) => [codeIn(row.Metric)[0], codeIn(row.Labels)]),
);
/** Labels that a scrape adds. */
const SCRAPED = ['job', 'tier', 'instance'];

t.test('expressions ask for metrics that there are, and for labels that these have', async (t) => {
  for (const rule of GROUPS.flatMap(({ rules }) => rules)) {
    const title = isAlert(rule) ? rule.name : rule.record;
    const selectors = rule.expr.matchAll(/\b((?:weir|process|nodejs)_\w+)(?:\{([^}]*)\})?/g);
    for (const [, metric = '', matchers = ''] of selectors) {
      const labels = METRICS.get(metric.replace(/_(?:bucket|count|sum)$/, ''));
      t.ok(labels !== undefined, `${title}: ${metric}`);
      for (const [, label = ''] of matchers.matchAll(/(\w+)(?:=|!=|=~|!~)"/g))
        t.ok(labels?.includes(label) || SCRAPED.includes(label), `${title}: ${metric}{${label}}`);
    }
    for (const [name] of rule.expr.matchAll(/\bweir:[\w:]+/g))
      t.ok(
        RATIOS.rules.some((ratio) => !isAlert(ratio) && ratio.record === name),
        `${title}: ${name} is recorded`,
      );
  }
});

t.test('docs/metrics.md calls the same faults our own', async (t) => {
  const [, asked = ''] =
    /weir_requests_total\{outcome="failed", reason=~"([^"]*)"\}/.exec(docsPage('metrics.md')) ?? [];
  const ours = new RegExp(`^(?:${/reason=~"([^"]*)"/.exec(OWN)?.[1]})$`);
  const theirs = new RegExp(`^(?:${asked})$`);
  const failed = Object.entries(REASONS).filter(([, { outcome }]) => outcome === 'failed');
  t.same(
    failed.filter(([name]) => ours.test(name)).map(([name]) => name),
    failed.filter(([name]) => theirs.test(name)).map(([name]) => name),
  );
});
