/**
 * `npm run drill`: breaks two real tiers in every way that there is an alert for, one after the other, and shows for each that the right
 * alert reaches a webhook in time, by a real Prometheus and a real Alertmanager, and that its end does as well; and that the commands of
 * its runbook show what is broken. Exit status 1 unless every line has its ✓.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { runCommand } from '../../scripts/lib/command.ts';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import { ALERTS } from '../../scripts/monitoring/groups.ts';
import { Claims, unless } from '../fixtures/cluster/claims.ts';
import { Engineer } from '../fixtures/drill/engineer.ts';
import { diskFull, SCENARIOS, type Scenario } from '../fixtures/drill/scenarios.ts';
import { openStage, type Stage } from '../fixtures/drill/stage.ts';
import { until } from '../fixtures/drill/until.ts';
import { run } from '../fixtures/run.ts';
import { within } from '../fixtures/within.ts';

const HELP = `npm run drill [-- OPTIONS]

Breaks two real tiers on loopback: a peer is killed, tier 2 is stopped, names fail, targets reset, refusals burst, the disk of the audit
trail is full. For each the right alert has to reach a webhook within its time, and its end after the mending; commands of its runbook
are typed as they stand there, and doctor's first ✗ has to be at what is broken; those by which to recover, once it is mended. Minutes
of the rules are seconds here. Needs Debian's prometheus and prometheus-alertmanager, and for the disk a mount namespace.

  --workers N   processes of each Weir; several to do it once for each (otherwise 1,4)
  --only TEXT   only what has that in its title

Exit status 1 where anything comes out otherwise.`;

interface Options {
  readonly workers: readonly number[];
  readonly only: string;
}

const LIMIT_MS = 480_000;
/** Set where there is a mount namespace. */
const MARK = 'WEIR_DRILL_DISK';
const UNSHARE = ['--map-root-user', '--mount'];
/** Beside what the alert waits by itself: scrapes, windows of five minutes that are five seconds, evaluation, delivery. */
const ALLOWANCE_MS = 25_000;
const BEGIN_MS = 60_000;
/** Prometheus says it again every minute. */
const HEARTBEAT_MS = 90_000;
const ROOT = join(import.meta.dirname, '../..');

function parse(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      workers: { type: 'string', default: '1,4' },
      only: { type: 'string', default: '' },
    },
  });
  if (values.help) return undefined;
  return { workers: numbersIn(values.workers), only: inTitles(values.only) };
}

/** @throws {Error} */
function numbersIn(text: string): readonly number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers;
  throw new Error(`Cannot drill: --workers is "${text}". Write numbers with commas, such as 1,4`);
}

/** The same text. @throws {Error} where no title has it: a drill that breaks nothing shows nothing */
function inTitles(text: string): string {
  const titles = [...SCENARIOS, diskFull('')].map(({ title }) => title);
  if (titles.some((title) => title.includes(text))) return text;
  throw new Error(`Cannot drill: no title has "${text}". There are: ${titles.join('; ')}`);
}

type State = 'firing' | 'resolved';

/** Waits until the webhook has heard it. @returns how long that took; undefined where it did not come */
async function heard({ webhook }: Stage, scenario: Scenario, state: State): Promise<number | undefined> {
  const [beganMs, from] = [performance.now(), webhook.messages.length];
  const limitMs = ALLOWANCE_MS + patienceOf(scenario.alert);
  const wanted = Object.entries({ alertname: scenario.alert, ...scenario.labels });
  const isThere = (): boolean =>
    webhook.messages
      .slice(from)
      .flatMap(({ alerts }) => alerts)
      .some(
        ({ status, labels }) => status === state && wanted.every(([name, value]) => labels[name] === value),
      );
  return (await until(isThere, limitMs)) ? performance.now() - beganMs : undefined;
}

/**
 * Waits until Prometheus has seen all that it is to watch, and knows whom to tell.
 * @throws {Error} where that takes too long
 */
async function begun({ prometheus }: Stage): Promise<void> {
  const isReady = async (): Promise<boolean> =>
    (await prometheus.receivers()) > 0 && (await prometheus.query('weir:requests:rate5m')).length === 2;
  if (!(await until(isReady, BEGIN_MS)))
    throw new Error('Prometheus does not see both tiers and Alertmanager');
}

async function claimHeartbeat({ webhook }: Stage, claims: Claims): Promise<void> {
  const isHeard = (): boolean => webhook.messages.some(({ receiver }) => receiver === 'heartbeat');
  claims.claim('the heartbeat was heard', unless(await until(isHeard, HEARTBEAT_MS), 'no message'));
}

/** What was `2m` is two seconds. */
function patienceOf(name: string): number {
  const alert = ALERTS.find((alert) => alert.name === name);
  return Number.parseInt(alert?.for ?? '0', 10) * 1000;
}

function said(ms: number | undefined): string {
  return ms === undefined ? 'never' : `after ${(ms / 1000).toFixed(1)} s`;
}

interface Scene {
  readonly stage: Stage;
  readonly engineer: Engineer;
}

async function act({ stage, engineer }: Scene, scenario: Scenario, claims: Claims): Promise<void> {
  const { title, alert, during, found, foundAfter } = scenario;
  const firing = heard(stage, scenario, 'firing');
  await scenario.breakIt(stage);
  const firedMs = await firing;
  claims.claim(`${title}: ${alert} fires, ${said(firedMs)}`, unless(firedMs !== undefined, heardOf(stage)));
  if (during !== undefined) claims.claim(`${title}: meanwhile all is as it should be`, await during(stage));
  const page = runbookOf(stage, alert);
  claims.claim(`${title}: the message names its runbook`, unless(existsSync(page), `there is no ${page}`));
  const { typed, against } = await engineer.follow(alert, 'Look', found);
  claims.claim(`${title}: ${typed} commands of it show what is broken, doctor by its first ✗`, [
    ...unless(
      found.some(({ begins }) => begins.startsWith('weir doctor')),
      'doctor is not asked',
    ),
    ...against,
  ]);
  const over = heard(stage, scenario, 'resolved');
  await scenario.mend(stage);
  const endedMs = await over;
  claims.claim(
    `${title}: ${alert} resolves, ${said(endedMs)}`,
    unless(endedMs !== undefined, heardOf(stage)),
  );
  const after = await engineer.follow(alert, 'Recover', foundAfter);
  const isAny = after.typed > 0 || foundAfter.length > 0;
  if (isAny) claims.claim(`${title}: ${after.typed} by which to recover do what they should`, after.against);
}

/** Where the page lies here that a message about the alert names. */
function runbookOf({ webhook }: Stage, name: string): string {
  const told = webhook.messages
    .flatMap(({ alerts }) => alerts)
    .find(({ labels }) => labels.alertname === name);
  return join(ROOT, 'docs/runbooks', basename(told?.annotations.runbook_url ?? 'no message'));
}

/** What came instead. */
function heardOf({ webhook }: Stage): string {
  const last = webhook.messages
    .slice(-10)
    .flatMap(({ receiver, alerts }) =>
      alerts.map(({ labels, status }) => `${receiver}: ${labels.alertname} ${labels.tier} ${status}`),
    );
  return `heard lately: ${last.join('; ')}`;
}

async function play(workers: number, only: string, claims: Claims): Promise<void> {
  const [prometheus, alertmanager] = [toolPath('prometheus'), toolPath('prometheus-alertmanager')];
  claims.claim('the programs are there (Debian: prometheus, prometheus-alertmanager)', [
    ...unless(prometheus !== undefined, 'prometheus is not'),
    ...unless(alertmanager !== undefined, 'prometheus-alertmanager is not'),
  ]);
  if (prometheus === undefined || alertmanager === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'weir-drill-'));
  const auditFolder = join(folder, 'audit');
  mkdirSync(auditFolder);
  const hasDisk = process.env[MARK] !== undefined;
  const all = hasDisk ? [...SCENARIOS, diskFull(auditFolder)] : SCENARIOS;
  const chosen = all.filter(({ title }) => title.includes(only));
  try {
    if (chosen.length === 0) return claims.claim('something is broken', ['this machine has no disk for it']);
    if (hasDisk) await mountSmall(auditFolder);
    await using stage = await openStage({
      programs: { prometheus, alertmanager },
      folder,
      auditFolder,
      workers,
    });
    await begun(stage);
    const engineer = new Engineer(stage);
    for (const scenario of chosen) await act({ stage, engineer }, scenario, claims);
    await claimHeartbeat(stage, claims);
  } finally {
    if (hasDisk) await run('umount', ['-l', auditFolder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws {Error} what the system says */
async function mountSmall(folder: string): Promise<void> {
  const { status, stderr } = await run('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', folder]);
  if (status !== 0) throw new Error(`Cannot make a small disk: ${stderr}`);
}

/** Does it all once more in a mount namespace. @returns its exit status; undefined where there can be none */
async function inNamespace(): Promise<number | undefined> {
  const unshare = toolPath('unshare');
  if (unshare === undefined) return undefined;
  const { status } = await run(unshare, [...UNSHARE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  if (status !== 0) return undefined;
  const args = [...UNSHARE, process.execPath, import.meta.filename, ...process.argv.slice(2)];
  const child = spawn(unshare, args, { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } });
  const [code] = await once(child, 'close');
  return code ?? 1;
}

async function drill(options: Options): Promise<boolean> {
  if (process.env[MARK] === undefined) {
    const status = await inNamespace();
    if (status !== undefined) return status === 0;
    // As a test says it, so that whoever counts skips counts this one.
    console.log('ok 1 - the disk of an audit trail is full # SKIP this machine allows no mount namespace');
  }
  const claims = new Claims();
  for (const workers of options.workers) {
    console.log(`workers: ${workers}`);
    await within(play(workers, options.only, claims), () => 'the drill', LIMIT_MS);
  }
  return claims.hold;
}

await runCommand({ help: HELP, parse, run: drill });
