/**
 * The unit of the virtual machine is one that systemd accepts, and keeps its promises: no privilege, a drain that fits into the
 * time to stop, a reload by HUP. systemd-analyze judges a copy whose program exists here.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { needTool } from '../fixtures/tools.ts';

const UNIT = readFileSync(join(import.meta.dirname, '../../vm/weir.service'), 'utf8');
/** systemd-analyze rates from 0 (nothing allowed) to 100; 14 when this was written. */
const MAX_EXPOSURE = 16;

/** A folder with the unit, its program replaced by one that exists. */
function unitHere(t: Test): string {
  const text = UNIT.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`).replace(
    /^Documentation=.*$/m,
    '',
  );
  return join(t.testdir({ 'weir.service': text }), 'weir.service');
}

const SOCKET = readFileSync(join(import.meta.dirname, '../../vm/weir.socket'), 'utf8');

/** Where the folders are that a unit asks for by these. */
const WRITTEN = {
  LogsDirectory: '/var/log',
  StateDirectory: '/var/lib',
  CacheDirectory: '/var/cache',
  RuntimeDirectory: '/run',
};

/** Every value that the unit gives to `key`, in order. */
const valuesOf = (key: string): readonly string[] =>
  UNIT.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));

t.test('systemd-analyze accepts the unit', async (t) => {
  const analyze = await needTool(t, 'systemd-analyze');
  if (analyze === undefined) return;
  const unit = unitHere(t);
  const verify = spawnSync(analyze, ['verify', '--man=no', unit], { encoding: 'utf8' });
  const complaints = verify.stderr.split('\n').filter((line) => line.includes('weir.service'));
  t.same(complaints, [], 'no word about the unit');
  t.equal(verify.status, 0, verify.stderr);
  const rate = ['security', '--offline=true', `--threshold=${MAX_EXPOSURE}`, '--no-pager', unit];
  const security = spawnSync(analyze, rate, { encoding: 'utf8' });
  t.equal(security.status, 0, security.stdout.trim().split('\n').at(-1) ?? '');
});

t.test('the unit gives the program what it needs, and no more', async (t) => {
  t.same(valuesOf('ExecStart'), ['/usr/bin/weir run -c /etc/weir/weir.yaml']);
  t.same(valuesOf('ExecReload'), ['/bin/kill -HUP $MAINPID']);
  t.same(valuesOf('Restart'), ['always']);
  t.same(valuesOf('Type'), ['notify']);
  t.same(valuesOf('NotifyAccess'), ['all'], 'systemd-notify is a process of its own');
  t.match(valuesOf('WatchdogSec'), [/^\d+$/]);
  t.same(valuesOf('KillMode'), ['process'], 'workers outlive the main process');
  t.same(valuesOf('LimitNOFILE'), ['1048576']);
  t.same(valuesOf('DynamicUser'), ['yes']);
  t.same(valuesOf('NoNewPrivileges'), ['yes']);
  t.same(valuesOf('AmbientCapabilities'), [''], 'no capability');
  t.same(valuesOf('CapabilityBoundingSet'), [''], 'nor any to be had');
  t.same(valuesOf('MemoryDenyWriteExecute'), [], 'Node compiles as it runs');
});

t.test('a purge of the package takes every folder that systemd makes for it', async (t) => {
  const script = readFileSync(join(import.meta.dirname, '../../vm/debian/postrm'), 'utf8');
  const [, bases = ''] = /^ +for base in (.*); do$/m.exec(script) ?? [];
  const made = Object.entries(WRITTEN).filter(([key]) => valuesOf(key).length > 0);
  t.same(
    bases.split(' '),
    made.map(([, base]) => base),
  );
});

t.test('the socket has the name that vm/README.md says, and no more than systemd accepts', async (t) => {
  t.match(SOCKET, /^FileDescriptorName=weir$/m);
  t.match(SOCKET, /^ListenStream=0\.0\.0\.0:3128$/m);
  const analyze = await needTool(t, 'systemd-analyze');
  if (analyze === undefined) return;
  const service = unitHere(t);
  const socket = join(service, '../weir.socket');
  writeFileSync(socket, SOCKET.replace(/^Documentation=.*$/m, ''));
  const { status, stderr } = spawnSync(analyze, ['verify', '--man=no', socket], { encoding: 'utf8' });
  t.equal(status, 0, stderr);
  t.notMatch(stderr, /weir\.(socket|service)/);
});

t.test('the time to stop is longer than the default drain of 15 minutes', async (t) => {
  const [stop = ''] = valuesOf('TimeoutStopSec');
  t.match(stop, /^\d+min$/);
  t.ok(Number.parseInt(stop, 10) > 15);
});
