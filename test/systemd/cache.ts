/**
 * The cache of the service as the unit has it, with nothing but `cache: true` and a disk in its file: a dynamic user's own folders, the
 * socket where `weir cache` looks for it, and who may open that.
 */
import { once } from 'node:events';
import process from 'node:process';
import type { Test } from 'tap';
import type { SystemdMachine } from '../fixtures/systemd-machine.ts';

const ORIGIN_PORT = 7778;
const URL = `http://127.0.0.1:${ORIGIN_PORT}/kept`;
const ORIGIN = `
  const server = require('node:http').createServer((_, response) => response.setHeader('Cache-Control', 'max-age=3600').end('body'));
  server.listen(${ORIGIN_PORT}, '127.0.0.1', () => process.send('ready'));
  process.on('disconnect', () => process.exit());
`;
const SOCKET = '/run/weir/cache.sock';
const DISK = '/var/cache/weir';
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

/** Has the service serve by `yaml`, in which a rule has a cache and may dial its own host. */
export async function caches(t: Test, machine: SystemdMachine, yaml: string): Promise<void> {
  machine.write('/etc/weir/weir.yaml', `${yaml}cache: { disk: { path: ${DISK}, size: 64MiB } }\n`);
  const origin = machine.spawnOnNetwork(process.execPath, ['-e', ORIGIN]);
  const gone = once(origin, 'exit');
  try {
    await once(origin, 'message');
    machine.must('systemctl', 'restart', 'weir');
    await keeps(t, machine);
    tells(t, machine);
  } finally {
    origin.disconnect();
    await gone;
  }
}

/** What the cache did, by Cache-Status. */
function ask(machine: SystemdMachine): string {
  const head = machine.must('curl', '-s', '-o', '/dev/null', '-D', '-', '-x', 'http://127.0.0.1:3128', URL);
  return /^cache-status: t2;([^;\r]*)/im.exec(head)?.[1] ?? head;
}

async function keeps(t: Test, machine: SystemdMachine): Promise<void> {
  t.equal(ask(machine), 'fwd=uri-miss');
  t.equal(ask(machine), 'hit');
  const files = ['find', '-L', DISK, '-type', 'f', '-path', `${DISK}/[0-9a-f][0-9a-f]/*`];
  await machine.until(/./, ...files);
  machine.must('systemctl', 'restart', 'weir');
  t.equal(ask(machine), 'hit', 'from the disk: the next one, of the same dynamic user, finds it');
  const owner = machine.must('stat', '-L', '--format=%u', '/run/weir');
  t.not(owner, '0', 'the service is nobody whom the machine knows');
  const modes = machine.must('stat', '-L', '--format=%u %a', DISK, '/run/weir', SOCKET);
  t.same(modes.split('\n'), [`${owner} 700`, `${owner} 700`, `${owner} 600`]);
}

function tells(t: Test, machine: SystemdMachine): void {
  const why = machine.run('weir', 'cache', 'why', URL);
  t.equal(why.status, 0, `root needs to name nothing: ${why.stderr}`);
  t.match(why.stdout, /^(?:1 answer is|2 answers are) kept/m, 'by who serves, and by who has not ended yet');
  for (const args of [
    ['why', URL],
    ['purge', URL],
    ['purge', '--socket', SOCKET, URL],
  ]) {
    const other = machine.run(...NOBODY, 'weir', 'cache', ...args);
    t.equal(other.status, 66, `another user has no way in: ${args.join(' ')}`);
    t.match(other.stderr, 'permission denied');
  }
  t.equal(ask(machine), 'hit', 'and has changed nothing');
  const purged = machine.run('weir', 'cache', 'purge', '-c', '/etc/weir/weir.yaml', URL);
  t.equal(purged.status, 0, purged.stdout + purged.stderr);
  t.equal(ask(machine), 'fwd=uri-miss');
  t.match(machine.run('cat', '/var/log/weir/audit.log').stdout, '"action":"cache purge"');
}
