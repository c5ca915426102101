/**
 * One real process and what it is told from outside: signals, changed files, taken ports, bad files. Nothing here knows how
 * the process is made inside.
 */
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { freePort } from '../../scripts/lib/ports.ts';
import { type LogLine, WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { folderOf } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { run } from '../fixtures/run.ts';
import { end, isRefused, say, Traffic } from '../fixtures/traffic.ts';
import { keep, metric, readiness, startWeir, startWeirBy, weir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

// Twenty seconds on an idle machine of two cores, and machines that test are seldom idle.
t.setTimeout(120_000);

const TUNNELS = 100;

const traffic = await Traffic.to(t);

t.test('TERM lets what is under way finish', async (t) => {
  const weir = await startWeir(t, yamlOf());
  const tunnels = await traffic.openTunnels(t, weir, TUNNELS);
  t.equal(await readiness(weir), 200, 'it is ready');
  t.equal(await metric(weir, 'weir_tunnels_open{listener="main"}'), TUNNELS, 'and counts its tunnels');
  weir.signal('SIGTERM');
  await weir.logged('Draining');
  t.equal(await readiness(weir), 503, 'it is no longer ready');
  await eventually(() => isRefused(weir.port), 'new connections to be refused');
  t.pass('and takes no new connection');
  for (const tunnel of tunnels) await say(tunnel, 'still here');
  t.pass('tunnels carry on');
  for (const tunnel of tunnels) await end(tunnel);
  t.same(await weir.exited, { code: 0, signal: null }, 'it ends when they have');
  const outcomes = weir.records.filter(({ event }) => event === 'end').map(({ outcome }) => outcome);
  t.same(outcomes, Array(TUNNELS).fill('completed'), 'and every one of them is on record as completed');
});

t.test('TERM accepts on for as long as drainDelay says', async (t) => {
  const weir = await startWeir(t, yamlOf({ timeouts: '{ drainDelay: 60s }' }));
  weir.signal('SIGTERM');
  await weir.logged('Draining');
  t.equal(await readiness(weir), 503, 'it is no longer ready');
  t.equal(await traffic.statusOf(weir), 200, 'but serves who has not heard of it');
  weir.signal('SIGTERM');
  t.same(await weir.exited, { code: 75, signal: null }, 'a second TERM does not wait for the rest of it');
});

t.test('a second TERM waits for nothing', async (t) => {
  const weir = await startWeir(t, yamlOf());
  const tunnels = await traffic.openTunnels(t, weir, TUNNELS);
  weir.signal('SIGTERM');
  await weir.logged('Draining');
  weir.signal('SIGTERM');
  t.same(await weir.exited, { code: 75, signal: null }, 'its status says that the drain was cut short');
  await Promise.all(tunnels.map((tunnel) => tunnel.rest()));
  t.ok(
    tunnels.every(({ ending }) => ending === 'ECONNRESET'),
    'no client takes it for a clean end',
  );
  const ends = weir.records.filter(({ event }) => event === 'end');
  t.equal(ends.length, TUNNELS, 'every tunnel is on record');
  t.ok(
    ends.every(({ outcome, reason }) => outcome === 'drained' && reason === 'drain_timeout'),
    'as drained',
  );
});

t.test('INT is as good as TERM', async (t) => {
  const weir = await startWeir(t, yamlOf());
  weir.signal('SIGINT');
  t.same(await weir.exited, { code: 0, signal: null }, 'it ends in order');
});

const DENY_ALL = yamlOf({ access: '[{ name: nobody, deny: [all] }]' });

/** What came of a HUP; the change of a file is noticed without, too. */
function answerToHup(weir: WeirProcess, message: string): Promise<LogLine> {
  return weir.until(`"${message}" after HUP`, () =>
    weir.log.find(({ msg, trigger }) => msg === message && trigger === 'HUP'),
  );
}

// Attacks: good-configuration.
t.test('HUP with a bad file leaves the old policy in force', async (t) => {
  const weir = await startWeir(t, yamlOf());
  const file = weir.configFile as string;
  writeFileSync(file, `${DENY_ALL}\nlisten: 3128\n`);
  weir.signal('SIGHUP');
  const { problems } = await answerToHup(weir, 'Cannot reload the configuration, the old one serves on');
  t.match(String(problems), /weir\.yaml:\d+:\d+: .*listen/, 'the log says where the mistake is');
  t.equal(await traffic.statusOf(weir), 200, 'what was allowed is allowed');
  t.ok((await metric(weir, 'weir_reloads_total{result="failure"}')) >= 1, 'and the metric counts it');
  writeFileSync(file, DENY_ALL);
  weir.signal('SIGHUP');
  await answerToHup(weir, 'Configuration reloaded');
  t.equal(await traffic.statusOf(weir), 403, 'a good file is taken over');
  t.ok((await metric(weir, 'weir_reloads_total{result="success"}')) >= 1, 'and counted');
});

t.test('HUP while it drains changes nothing', async (t) => {
  const weir = await startWeir(t, yamlOf());
  const tunnel = await traffic.openTunnel(t, weir);
  weir.signal('SIGTERM');
  await weir.logged('Draining');
  writeFileSync(weir.configFile as string, yamlOf({ listeners: '[{ name: late, address: 127.0.0.1:0 }]' }));
  weir.signal('SIGHUP');
  await say(tunnel, 'as before');
  tunnel.socket.end();
  t.same(await weir.exited, { code: 0, signal: null }, 'it ends as if nothing had been');
  t.notOk(
    weir.log.some(({ msg }) => msg === 'Configuration reloaded'),
    'and opened no new listener',
  );
});

t.test('HUP after it has stopped does not spoil its exit code', async (t) => {
  const path = join(folderOf(t), 'access.fifo');
  await run('mkfifo', [path]);
  // Nobody reads, so that the last lines of the log keep the process from its end.
  const fifo = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const weir = await startWeir(t, yamlOf({ log: `{ access: { path: ${path} } }` }));
  fill(fifo);
  await traffic.statusOf(weir);
  weir.signal('SIGTERM');
  await weir.logged('Stopped');
  weir.signal('SIGHUP');
  weir.signal('SIGUSR2');
  drain(fifo);
  t.same(await weir.exited, { code: 0, signal: null });
  closeSync(fifo);
});

function fill(fifo: number): void {
  const page = Buffer.alloc(4096);
  try {
    for (;;) writeSync(fifo, page);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}

function drain(fifo: number): void {
  const page = Buffer.alloc(4096);
  try {
    for (;;) readSync(fifo, page);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}

t.test('a change that needs a restart is refused whole', async (t) => {
  const weir = await startWeir(t, yamlOf());
  writeFileSync(weir.configFile as string, DENY_ALL.replace('name: t\n', 'name: other\n'));
  weir.signal('SIGHUP');
  const { problems } = await weir.logged('Cannot reload the configuration, the old one serves on');
  t.match(String(problems), /name needs a restart/, 'the log says why');
  t.equal(await traffic.statusOf(weir), 200, 'nothing of it is in force');
});

t.test('a changed file is taken over by itself', async (t) => {
  const weir = await startWeir(t, yamlOf());
  const tunnel = await traffic.openTunnel(t, weir);
  writeFileSync(weir.configFile as string, DENY_ALL);
  t.match(await weir.logged('Configuration reloaded'), { trigger: 'file' }, 'nobody had to tell it');
  t.equal(await traffic.statusOf(weir), 403, 'the new policy is in force');
  await say(tunnel, 'as before');
  t.pass('an open tunnel carries on');
});

// Attacks: good-configuration.
t.test('a file that disappears is told, and the configuration stays in force', async (t) => {
  const weir = await startWeir(t, yamlOf());
  rmSync(weir.configFile as string);
  const line = await weir.logged('A watched file cannot be read, the configuration in force stays');
  t.match(line, { level: 'warn', file: weir.configFile });
  t.equal(await traffic.statusOf(weir), 200);
});

t.test("a ConfigMap's swap of symbolic links is seen", async (t) => {
  const folder = folderOf(t);
  const write = (version: string, yaml: string): void => {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'weir.yaml'), yaml);
  };
  // As the kubelet does it: weir.yaml -> ..data/weir.yaml, ..data -> the version, and ..data is replaced by a rename.
  write('..2026_1', yamlOf());
  symlinkSync('..2026_1', join(folder, '..data'));
  symlinkSync('..data/weir.yaml', join(folder, 'weir.yaml'));
  const weir = await startWeirBy(t, join(folder, 'weir.yaml'));
  t.equal(await traffic.statusOf(weir), 200, '..2026_1 is in force');
  for (const [version, yaml, status] of [
    ['..2026_2', DENY_ALL, 403],
    ['..2026_3', yamlOf(), 200],
  ] as const) {
    const reloads = weir.log.filter(({ msg }) => msg === 'Configuration reloaded').length;
    write(version, yaml);
    symlinkSync(version, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    await weir.logged('Configuration reloaded', reloads);
    t.equal(await traffic.statusOf(weir), status, `${version} is in force`);
  }
});

t.test('USR2 opens the access log anew', async (t) => {
  const folder = folderOf(t);
  const [path, rotated] = [join(folder, 'access.log'), join(folder, 'access.log.1')];
  const weir = await startWeir(t, yamlOf({ log: `{ access: { path: ${path} } }` }));
  /** Waits until `file` has so many lines. */
  const untilLines = (file: string, count: number): Promise<void> =>
    eventually(() => linesOf(file) === count, `${count} lines in ${file}`);
  await traffic.statusOf(weir);
  await untilLines(path, 1);
  renameSync(path, rotated);
  await traffic.statusOf(weir);
  await untilLines(rotated, 2);
  t.pass('until it is told it writes to the renamed file');
  weir.signal('SIGUSR2');
  await weir.logged('Log files reopened');
  await traffic.statusOf(weir);
  await untilLines(path, 1);
  t.equal(linesOf(rotated), 2, 'and from then on to a new one');
});

function linesOf(file: string): number {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).length : 0;
}

t.test('TERM while it starts is an orderly end', async (t) => {
  const folder = folderOf(t);
  const [file, names] = [join(folder, 'weir.yaml'), join(folder, 'names.fifo')];
  await run('mkfifo', [names]);
  writeFileSync(file, yamlOf({ acls: `{ some: { dstDomains: { file: ${names} } } }` }));
  const weir = keep(t, WeirProcess.begin(file));
  const fifo = await openedByReader(names);
  weir.signal('SIGHUP');
  weir.signal('SIGTERM');
  writeSync(fifo, '.example.com\n');
  closeSync(fifo);
  t.same(await weir.exited, { code: 0, signal: null });
  t.equal(weir.stderr, 'Stopped by SIGTERM before it served\n', 'and it says so');
});

t.test('a second TERM while it starts waits for nothing', async (t) => {
  const folder = folderOf(t);
  const [file, names] = [join(folder, 'weir.yaml'), join(folder, 'names.fifo')];
  await run('mkfifo', [names]);
  writeFileSync(file, yamlOf({ acls: `{ some: { dstDomains: { file: ${names} } } }` }));
  const weir = keep(t, WeirProcess.begin(file));
  const fifo = await openedByReader(names);
  weir.signal('SIGTERM');
  weir.signal('SIGINT');
  // Which of two that wait comes first is for the kernel to say.
  const { code, signal } = await weir.exited;
  t.equal(code, null);
  t.ok(signal === 'SIGTERM' || signal === 'SIGINT', `it ended by ${signal}`);
  closeSync(fifo);
});

/** Opens a FIFO to write to, when somebody has opened it to read. */
async function openedByReader(path: string): Promise<number> {
  let fifo = -1;
  await eventually(() => {
    try {
      fifo = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    return fifo >= 0;
  }, `a reader of ${path}`);
  return fifo;
}

t.test('a port that is taken ends it with 69', async (t) => {
  const folder = folderOf(t);
  for (const key of ['listeners', 'admin']) {
    const file = join(folder, `${key}.yaml`);
    const address = `{ name: main, address: "127.0.0.1:${traffic.echoPort}" }`;
    const taken = key === 'listeners' ? `[${address}]` : address.replace('name: main, ', '');
    writeFileSync(file, yamlOf({ [key]: taken }));
    const { status, stderr } = await weir('run', '-c', file);
    t.equal(status, 69, `${key}: ${stderr}`);
    const which = key === 'listeners' ? 'listener "main"' : 'the admin address';
    t.match(stderr, new RegExp(`Cannot bind ${which}: EADDRINUSE.*${traffic.echoPort}`), 'and it says which');
  }
});

t.test('a file that cannot be loaded ends it with 78', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'bad.yaml');
  writeFileSync(file, 'name: t1\nlisten: 3128\n');
  const bad = await weir('run', '-c', file);
  t.match(bad, { status: 78, stdout: '' }, 'a bad one');
  t.match(bad.stderr, /bad\.yaml:2:1: listen/, 'each problem has its place');
  t.match(bad.stderr, /access/, 'and all are told at once');
  t.match(
    await weir('run', '-c', join(folder, 'none.yaml')),
    { status: 78, stderr: /none\.yaml/ },
    'one that is not there',
  );
});

// Attacks: no-loop.
t.test('nobody gets to the admin address through the proxy', async (t) => {
  const weir = await startWeir(t, yamlOf());
  await using client = await RawClient.connect(weir.port);
  t.match(await client.tunnel(`127.0.0.1:${weir.adminPort}`), /^HTTP\/1\.1 403 /);
});

t.test('health asks the admin address', async (t) => {
  const address = `127.0.0.1:${await freePort()}`;
  const one = await startWeir(t, yamlOf({ admin: `{ address: "${address}" }` }));
  t.match(await weir('health', '--address', address), { status: 0, stdout: 'ready\n' }, 'ready is 0');
  await traffic.openTunnel(t, one);
  one.signal('SIGTERM');
  await one.logged('Draining');
  t.match(
    await weir('health', '--address', address),
    { status: 1, stderr: /answered 503: draining$/m },
    'draining is not ready',
  );
  one.signal('SIGTERM');
  await one.exited;
  t.match(
    await weir('health', '--address', address),
    { status: 1, stderr: /ECONNREFUSED/ },
    'nor is nothing',
  );
});

/** Whether nobody listens there. */
function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = net.createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}

t.test('without a file it serves this machine', async (t) => {
  if (!((await isFree(3128)) && (await isFree(9128)))) {
    if (process.env.CI) t.fail('ports 3128 and 9128 must be free where CI runs');
    else t.pass('serves on ports 3128 and 9128', { skip: 'one of them is in use' });
    return;
  }
  const weir = await startWeirBy(t, undefined);
  t.equal(weir.port, 3128, 'on the usual port');
  t.match(weir.stderr, /^ {2}curl -v -x http:\/\/127\.0\.0\.1:3128 https:\/\/\S+$/m, 'it says how to try it');
  await using client = await RawClient.connect(3128);
  client.send('GET http://127.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n');
  const head = await client.head();
  t.match(head, /^HTTP\/1\.1 403 /, 'it answers');
  t.match(head, /^Proxy-Status: weir;error=destination_ip_prohibited/m, 'and leads to no private address');
  t.match(
    await weir.ended(1),
    [{ outcome: 'denied', rule: 'this-machine', status: 403 }],
    'and keeps a record',
  );
});
