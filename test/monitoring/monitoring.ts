/**
 * `npm run test:monitoring`: a real Prometheus scrapes two real tiers with real traffic, and is asked everything that rules, dashboards,
 * runbooks and docs/metrics.md ask. Exit status 1 unless every line has its ✓.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runCommand } from '../../scripts/lib/command.ts';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import { Claims, unless } from '../fixtures/cluster/claims.ts';
import { kubeState } from '../fixtures/monitoring/kube-state.ts';
import { Load } from '../fixtures/monitoring/load.ts';
import { Prometheus, type Sample } from '../fixtures/monitoring/prometheus.ts';
import {
  ALERT_QUESTIONS,
  pageQuestions,
  panelQuestions,
  type Question,
  RECORDED,
  selected,
} from '../fixtures/monitoring/questions.ts';
import { type Redis, startRedis } from '../fixtures/monitoring/redis.ts';
import { startTiers } from '../fixtures/monitoring/tiers.ts';
import { within } from '../fixtures/within.ts';

const HELP = `npm run test:monitoring [-- OPTIONS]

Has a real Prometheus scrape two real tiers every second, with traffic of every kind, and asks it everything that rules, dashboards,
runbooks and docs/metrics.md ask. Needs Debian's prometheus and redis-server, openssl, and no network but the loopback.

  --workers N   processes of each Weir (otherwise 1)

Exit status 1 where anything is not answered.`;

const LIMIT_MS = 120_000;
/** So many scrapes that a rate can be told. */
const TRAFFIC_MS = 12_000;
const WINDOW = '10s';
const TIERS = ['tier-1', 'tier-2'];

/** Numbers of an answer; none where it is empty, or not a number. */
function numbersIn(samples: readonly Sample[]): readonly number[] {
  return samples.map(({ value }) => Number(value[1])).filter(Number.isFinite);
}

async function answers(prometheus: Prometheus, expr: string): Promise<number> {
  return numbersIn(await prometheus.query(expr)).length;
}

/** Where a panel says what it needs, one tier has to have it; else both. */
async function claimPanels(prometheus: Prometheus, claims: Claims): Promise<void> {
  const asked = TIERS.map((tier) => panelQuestions(tier, WINDOW));
  const [first = []] = asked;
  const empty: string[] = [...unless(first.length > 50, 'hardly anything was asked')];
  for (const [index, { title, needs, expr }] of first.entries()) {
    const counts = await Promise.all(asked.map((list) => answers(prometheus, list[index]?.expr ?? '')));
    const isAnswered = needs === undefined ? !counts.includes(0) : counts.some((count) => count > 0);
    if (!isAnswered) empty.push(`${title}: ${expr} (${counts.join(' and ')} series)`);
  }
  claims.claim(
    `${first.length} queries of panels have data from both tiers, or from the one that can`,
    empty,
  );
}

/** Every question can be evaluated; those that need no trouble have an answer. */
async function failing(prometheus: Prometheus, questions: readonly Question[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { title, expr } of questions) {
    try {
      await prometheus.query(expr);
    } catch (error) {
      failed.push(`${title}: ${(error as Error).message}`);
    }
  }
  return failed;
}

async function claimRules(prometheus: Prometheus, claims: Claims): Promise<void> {
  const rules = await prometheus.rules();
  const ill = rules.filter(({ health, lastError }) => health !== 'ok' || lastError !== undefined);
  claims.claim(
    `${rules.length} rules are evaluated without an error`,
    ill.map(({ name, lastError }) => `${name}: ${lastError}`),
  );
  const firing = rules.flatMap(({ name, alerts = [] }) => alerts.map((alert) => ({ name, ...alert })));
  const unsaid = firing.filter(({ annotations }) =>
    /no value|error expanding/.test(JSON.stringify(annotations)),
  );
  claims.claim(`${firing.length} alerts that wait or fire say what they have to say`, [
    ...unsaid.map(({ name, annotations }) => `${name}: ${JSON.stringify(annotations)}`),
    ...unless(firing.length > 0, 'there are none'),
  ]);
  const empty: string[] = [];
  for (const record of RECORDED) if ((await answers(prometheus, record)) < TIERS.length) empty.push(record);
  claims.claim(`${RECORDED.length} recorded series are there for both tiers`, empty);
  claims.claim('alerts can be evaluated', await failing(prometheus, ALERT_QUESTIONS));
}

/** What alerts select is there, when nothing is wrong, too. */
async function claimSelected(prometheus: Prometheus, claims: Claims): Promise<void> {
  const missing: string[] = [];
  for (const [metric, labels] of selected()) {
    const samples = await prometheus.query(metric);
    const unknown = [...labels].filter((label) => !samples.some((sample) => label in sample.metric));
    if (samples.length === 0) missing.push(`${metric}: no series`);
    else missing.push(...unknown.map((label) => `${metric}: no label ${label}`));
  }
  const nothing = await prometheus.query('weir_nothing_total');
  missing.push(...unless(nothing.length === 0, 'what there is not has an answer, too'));
  claims.claim(`${selected().size} metrics that rules ask for are there, with those labels`, missing);
}

async function play(claims: Claims, folder: string, workers: number): Promise<void> {
  const program = toolPath('prometheus');
  const server = toolPath('redis-server');
  const needed = [
    ...unless(program !== undefined, 'prometheus'),
    ...unless(server !== undefined, 'redis-server'),
  ];
  claims.claim(
    'the programs are there (Debian: prometheus, redis-server)',
    needed.map((name) => `${name} is not installed`),
  );
  if (program === undefined || server === undefined) return;
  await using redis: Redis = await startRedis(server, folder);
  await using tiers = await startTiers({ folder, redis: redis.url, workers });
  await using kube = await kubeState();
  const { t1, t2 } = tiers;
  const at = (port: number): string => `127.0.0.1:${port}`;
  const targets = { tier1: at(t1.adminPort), tier2: [at(t2.adminPort)], kubeState: at(kube.port) };
  await using prometheus = await Prometheus.start({ program, folder, targets });
  await using load = new Load(tiers);
  await sleep(TRAFFIC_MS);
  const { statuses } = load;
  const kinds = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
  claims.claim(
    `traffic of every kind has passed: ${kinds}`,
    [200, 403, 429, 502, 503].flatMap((status) => unless(statuses.has(status), `no answer ${status}`)),
  );
  await claimPanels(prometheus, claims);
  await claimRules(prometheus, claims);
  await claimSelected(prometheus, claims);
  const pages = pageQuestions();
  claims.claim(`${pages.length} questions of runbooks and docs/metrics.md can be asked`, [
    ...unless(pages.length > 50, 'hardly any was found'),
    ...(await failing(prometheus, pages)),
  ]);
}

async function run(workers: number): Promise<boolean> {
  const claims = new Claims();
  const folder = mkdtempSync(join(tmpdir(), 'weir-monitoring-'));
  try {
    await within(play(claims, folder, workers), () => 'both tiers and Prometheus', LIMIT_MS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return claims.hold;
}

/** @returns how many workers */
function parse(args: readonly string[]): number | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', default: false }, workers: { type: 'string', default: '1' } },
  });
  return values.help ? undefined : Number(values.workers);
}

await runCommand({ help: HELP, parse, run });
