/**
 * Weir as a service of a real systemd, from its Debian package: start, reload, crash, watchdog, restart and upgrade under load, rotation,
 * cache, stop and removal. `npm run test:systemd`, of what `npm run build` and `npm run build:deb` left; `npm test` leaves it out.
 */
import { once } from 'node:events';
import os from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import type { SystemdMachine } from '../fixtures/systemd-machine.ts';
import { caches } from './cache.ts';
import { Clients } from './clients.ts';
import { machineFor, pidOf, versionOf } from './machine.ts';

t.setTimeout(600_000);

const AUDIT = '/var/log/weir/audit.log';
const ACCESS = '/var/log/weir/access.log';
const RATE = 200;
const KEPT = 5;
/** For systemd to find out that the service hangs. */
const WATCHDOG_S = 10;

const yaml = (rule: string): string => `name: t2
listeners: [{ name: main, address: "systemd:weir" }]
acls: { here: { src: [127.0.0.0/8] } }
access: [{ name: ${rule}, allow: [here], allowPrivate: [127.0.0.0/8] }]
routes: [{ name: out, direct: true }]
log: { access: { path: ${ACCESS} }, audit: { path: ${AUDIT}, strict: true } }
timeouts: { drain: 10m }
`;

/** All processes of the unit, whoever started them. */
const processesOf = (machine: SystemdMachine): string[] =>
  machine
    .run('cat', '/sys/fs/cgroup/system.slice/weir.service/cgroup.procs')
    .stdout.split('\n')
    // One of another machine would be 0 here, and a signal to 0 one to ourselves.
    .filter((pid) => pid !== '' && pid !== '0');
const verified = (machine: SystemdMachine): string => machine.run('weir', 'audit', 'verify', AUDIT).stdout;

/** On a machine that is busy everything takes longer, the test's own clients too. */
function patienceMs(): number {
  const [load = 0] = os.loadavg();
  return 1000 * Math.max(1, load / os.cpus().length);
}

function installs(t: Test, machine: SystemdMachine): void {
  machine.must('dpkg', '--install', '/opt/packages/weir.deb');
  t.equal(machine.must('systemctl', 'is-active', 'weir'), 'active', 'the package starts it');
  const timers = machine.must('systemctl', 'show', '--property=TimersCalendar', 'logrotate.timer');
  t.match(timers, /OnCalendar=\*-\*-\* \*:00:00 /, 'and has logrotate look each hour');
  machine.must('systemctl', 'stop', 'weir');
  machine.write('/etc/weir/weir.yaml', yaml('first'));
  machine.write('/etc/systemd/system/weir.service.d/test.conf', `[Service]\nWatchdogSec=${WATCHDOG_S}\n`);
  machine.must('systemctl', 'daemon-reload');
  machine.must('systemctl', 'enable', '--now', 'weir.socket');
  machine.must('systemctl', 'start', 'weir');
  // It is told to be started when it serves, so nobody has to wait.
  t.equal(machine.run('weir', 'health', '-c', '/etc/weir/weir.yaml').status, 0, 'started is ready');
  t.equal(machine.must('systemctl', 'show', '--property=StatusText', '--value', 'weir'), 'Serving');
}

async function reloads(t: Test, machine: SystemdMachine): Promise<void> {
  const pid = pidOf(machine);
  machine.write('/etc/weir/weir.yaml', yaml('second'));
  machine.must('systemctl', 'reload', 'weir');
  await machine.until(/Configuration reloaded/, 'journalctl', '--unit=weir', '--output=cat');
  machine.write('/etc/weir/weir.yaml', 'name: [');
  machine.must('systemctl', 'reload', 'weir');
  await machine.until(/Cannot reload the configuration/, 'journalctl', '--unit=weir', '--output=cat');
  t.equal(machine.must('systemctl', 'is-active', 'weir'), 'active', 'a bad file changes nothing');
  t.equal(pidOf(machine), pid, 'it is the same process');
  machine.write('/etc/weir/weir.yaml', yaml('second'));
}

/** Waits until another main process serves than `pid`. */
async function untilReplaced(machine: SystemdMachine, pid: string): Promise<void> {
  const another = new RegExp(`^(?!${pid}$|0$)\\d+$`);
  await machine.until(another, 'systemctl', 'show', '--property=MainPID', '--value', 'weir');
  await machine.until(/^active$/m, 'systemctl', 'is-active', 'weir');
}

/** Kills, and waits until another main process serves. */
async function survives(t: Test, machine: SystemdMachine, signal: 'KILL' | 'STOP'): Promise<void> {
  const pid = pidOf(machine);
  machine.must('systemctl', 'kill', '--kill-who=main', `--signal=${signal}`, 'weir');
  await untilReplaced(machine, pid);
  t.not(pidOf(machine), pid);
}

async function crashes(t: Test, machine: SystemdMachine, clients: Clients): Promise<void> {
  const pid = pidOf(machine);
  const [worker = ''] = processesOf(machine).filter((one) => one !== pid);
  machine.must('kill', '-KILL', worker);
  await machine.until(/Worker serves/, 'journalctl', '--unit=weir', '--output=cat');
  t.equal(pidOf(machine), pid, 'a worker that is killed is replaced');
  await clients.tell('keep');
  await survives(t, machine, 'KILL');
  t.match(await clients.tell('sound'), { alive: 1 }, 'its tunnel outlives a main process that is killed');
  await survives(t, machine, 'STOP');
  await machine.until(/Watchdog timeout/i, 'journalctl', '--unit=weir', '--output=cat');
  t.match(await clients.tell('sound'), { alive: 1 }, 'and one that hangs');
}

/** Has `change` done while clients come. */
async function underLoad(t: Test, clients: Clients, change: () => Promise<number | null>): Promise<void> {
  await clients.tell('load', RATE);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  t.equal(await change(), 0);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const tally = await clients.tell('rest');
  const limitMs = patienceMs();
  t.comment(
    `${tally.asked} tunnels, the longest wait ${Math.round(tally.longestMs)} ms, of ${Math.round(limitMs)} as busy as this machine is`,
  );
  t.same(tally.lost, {}, 'none is lost');
  t.equal(tally.answered, tally.asked);
  t.ok(tally.longestMs < limitMs, 'none waits for long');
}

async function restarts(t: Test, machine: SystemdMachine, clients: Clients): Promise<void> {
  for (let count = 1; count < KEPT; count += 1) await clients.tell('keep');
  await underLoad(t, clients, () => machine.do('systemctl', 'restart', 'weir'));
  const [before, version] = [pidOf(machine), versionOf(machine)];
  await underLoad(t, clients, async () => {
    const code = await machine.do('dpkg', '--install', '/opt/packages/next.deb');
    // dpkg does not wait for it.
    await untilReplaced(machine, before);
    return code;
  });
  t.equal(versionOf(machine), `${version}+next`);
  t.match(await clients.tell('sound'), { alive: KEPT, cut: 0 }, 'no tunnel is cut');
  const open = machine.must('curl', '-s', 'http://127.0.0.1:9128/metrics');
  t.match(
    open,
    new RegExp(`^weir_tunnels_open\\{listener="main"\\} ${KEPT}$`, 'm'),
    'the scrape counts them',
  );
  t.match(verified(machine), /^The chain holds: [\d,]+ records, 1 to /, 'there is one chain');
}

async function rotates(t: Test, machine: SystemdMachine): Promise<void> {
  const before = machine.must('stat', '--format=%i', ACCESS);
  machine.must('logrotate', '--force', '/etc/logrotate.d/weir');
  await machine.until(new RegExp(`^(?!${before}$)\\d+$`), 'stat', '--format=%i', ACCESS);
  const rotated = machine.must('sh', '-c', `ls ${ACCESS}-*`);
  // Those that still write to it, workers of an earlier start among them.
  await machine.until(/^$/, 'sh', '-c', `ls -l /proc/[0-9]*/fd 2>/dev/null | grep -F ${rotated}`);
  t.pass('every process writes to the new file');
}

async function stops(t: Test, machine: SystemdMachine): Promise<void> {
  machine.must('systemctl', 'stop', 'weir.socket', 'weir.service');
  t.ok(processesOf(machine).length > 0, 'those who have tunnels finish');
  machine.must('systemctl', 'kill', 'weir.service');
  await machine.until(
    /^$/,
    'sh',
    '-c',
    'cat /sys/fs/cgroup/system.slice/weir.service/cgroup.procs 2>/dev/null',
  );
  t.match(verified(machine), /^The chain holds: /);
}

async function goes(t: Test, machine: SystemdMachine, clients: Clients): Promise<void> {
  machine.must('systemctl', 'start', 'weir.socket', 'weir.service');
  await clients.tell('keep');
  machine.must('systemctl', 'restart', 'weir');
  machine.must('dpkg', '--remove', 'weir');
  t.same(processesOf(machine), [], 'no process outlives its removal');
  machine.must('dpkg', '--purge', 'weir');
  machine.must('rm', '-r', '/etc/systemd/system/weir.service.d');
  const left = machine.run(
    'sh',
    '-c',
    'ls -d /etc/weir /var/log/weir /var/log/private/weir /var/lib/weir /var/lib/private/weir /var/cache/weir /var/cache/private/weir /run/weir /etc/logrotate.d/weir /lib/systemd/system/logrotate.timer.d /usr/bin/weir',
  );
  t.equal(left.stdout, '', 'nothing is left of it');
  t.not(machine.run('getent', 'passwd', 'weir').status, 0);
}

t.test('the service under a real systemd', async (t) => {
  const machine = await machineFor(t);
  if (machine === undefined) return;
  installs(t, machine);
  const load = machine.spawnOnNetwork(process.execPath, [join(import.meta.dirname, 'load.ts')]);
  const clients = new Clients(load);
  t.teardown(async () => {
    clients.end();
    if (load.exitCode === null) await once(load, 'exit');
    if (!t.passing()) t.comment(machine.journal());
  });
  await once(load, 'message');
  await reloads(t, machine);
  await crashes(t, machine, clients);
  await restarts(t, machine, clients);
  await rotates(t, machine);
  await caches(t, machine, yaml('kept').replace(' allowPrivate:', ' cache: true, allowPrivate:'));
  await stops(t, machine);
  await goes(t, machine, clients);
});
