/**
 * The Debian package as a machine gets it: what is in it, what lintian says of it, and what dpkg does with it in a Debian of its own.
 * `npm run test:package`, which builds it of what `npm run build` left; `npm test` leaves it out, as it takes a minute or two.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { DebianMachine } from '../fixtures/debian-machine.ts';
import { must } from '../fixtures/image-bases.ts';
import { folderOf } from '../fixtures/owned.ts';
import { needTool } from '../fixtures/tools.ts';

t.setTimeout(900_000);

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
const PROGRAM = join(DIST, 'weir');
const CONFIGURATION = 'etc/weir/weir.yaml';
const UNIT = 'weir.service';
const WANTED = `etc/systemd/system/multi-user.target.wants/${UNIT}`;
/** LogsDirectory, StateDirectory and CacheDirectory of the unit. */
const WRITTEN = ['var/log', 'var/lib', 'var/cache'];
const LINTIAN_MS = 600_000;

const [name = 'weir.deb'] = readdirSync(DIST).filter((each) => each.endsWith('.deb'));
const deb = join(DIST, name);

function digest(): string {
  return createHash('sha256').update(readFileSync(deb)).digest('hex');
}

t.test('its files are root’s, and nobody else may write to them', async (t) => {
  const lines = must('dpkg-deb', ['--contents', deb]).trimEnd().split('\n');
  for (const line of lines) {
    const [mode, owner, , , , path = ''] = line.split(/ +/);
    const expected = path.endsWith('/') ? 'drwxr-xr-x' : '-rw-r--r--';
    t.equal(mode, path === './usr/bin/weir' ? '-rwxr-xr-x' : expected, path);
    t.equal(owner, 'root/root', path);
  }
  const conffiles = lines
    .map((line) => line.replace(/^.* \./, ''))
    .filter((path) => /^\/etc\/.*[^/]$/.test(path));
  t.ok(conffiles.includes(`/${CONFIGURATION}`), conffiles.join(' '));
  t.same(
    must('dpkg-deb', ['--info', deb, 'conffiles']).trimEnd().split('\n').toSorted(),
    conffiles.toSorted(),
  );
});

t.test('it is the same whoever builds it', async (t) => {
  const first = digest();
  t.equal(readFileSync(`${deb}.sha256`, 'utf8'), `${first}  ${name}\n`);
  const script = 'umask 077; exec "$0" scripts/build-deb.ts';
  must('sh', ['-c', `cd "$1"; ${script}`, process.execPath, ROOT], {
    ...process.env,
    TZ: 'Asia/Shanghai',
    LC_ALL: 'C',
  });
  t.equal(digest(), first);
});

t.test('lintian has nothing to say but what is overridden with a reason', async (t) => {
  const lintian = await needTool(t, 'lintian');
  if (lintian === undefined) return;
  const args = ['--allow-root', '--display-level', '>=info', '--tag-display-limit', '0', deb];
  const { stdout, error } = spawnSync(lintian, args, { encoding: 'utf8', timeout: LINTIAN_MS });
  t.equal(error, undefined);
  const found = stdout.split('\n').filter((line) => /^[EW]: /.test(line) || line.includes('override'));
  t.same(found, []);
});

t.test('the man page has every command with its options', async (t) => {
  const folder = folderOf(t);
  must('dpkg-deb', ['--extract', deb, folder]);
  const page = gunzipSync(readFileSync(join(folder, 'usr/share/man/man1/weir.1.gz'))).toString();
  const commands = [...must(PROGRAM, ['--help']).matchAll(/^ {2}weir (\S+)/gm)].map(([, word = '']) => word);
  t.ok(commands.includes('run') && commands.includes('import'), commands.join(' '));
  for (const command of commands) {
    const [, section = ''] = page.split(`.SH "WEIR ${command.toUpperCase()}"\n`);
    const [own = ''] = section.split('\n.SH ');
    const options = [...must(PROGRAM, [command, '--help']).matchAll(/^ +(?:-\w, )?(--[\w-]+) {2}/gm)];
    for (const [, option = ''] of options.filter(([, word]) => word !== '--help' && word !== '--version')) {
      t.ok(own.includes(option.replaceAll('-', '\\-')), `${command} ${option}`);
    }
    t.match(own, /^\.SS "Examples"\n\.TP\n\.B weir /m, command);
  }
});

/** A Debian without the package; where none can be made, says so, and the test ends. */
async function machineIn(t: Test): Promise<DebianMachine | undefined> {
  for (const tool of ['mmdebstrap', 'unshare']) if ((await needTool(t, tool)) === undefined) return undefined;
  if (process.getuid?.() !== 0) {
    t.pass('installs the package', { skip: 'only root can enter another root' });
    return undefined;
  }
  try {
    return new DebianMachine(join(folderOf(t), 'debian'));
  } catch (error) {
    t.pass('installs the package', { skip: `no Debian can be made here: ${(error as Error).message}` });
    return undefined;
  }
}

/** The next version, in whose configuration a line is new, as a path within `machine`. */
function nextVersion(t: Test, machine: DebianMachine): string {
  const folder = join(folderOf(t), 'next');
  must('dpkg-deb', ['--raw-extract', deb, folder]);
  const control = join(folder, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, '$&+next'));
  appendFileSync(join(folder, CONFIGURATION), '# theirs\n');
  must('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', folder, machine.path('root/next.deb')]);
  return '/root/next.deb';
}

function isThere(machine: DebianMachine, path: string): boolean {
  return lstatSync(machine.path(path), { throwIfNoEntry: false }) !== undefined;
}

function installs(t: Test, machine: DebianMachine): void {
  machine.must('dpkg', '--install', '/root/weir.deb');
  t.equal(machine.must('dpkg', '--verify', 'weir'), '', 'every file is as its sum says');
  t.equal(machine.must('weir', '--version'), must(PROGRAM, ['--version']));
  t.match(machine.run('weir', 'check', `/${CONFIGURATION}`), { status: 0, stdout: /weir, 1 rule/ });
  t.match(
    machine.must('getent', 'passwd', 'weir'),
    /^weir:x:\d+:\d+:[^:]*:\/nonexistent:\/usr\/sbin\/nologin$/m,
  );
  t.ok(isThere(machine, WANTED), 'the service is enabled');
  t.same(machine.told(), [`--quiet --system start ${UNIT}`], 'and started');
}

function upgrades(t: Test, machine: DebianMachine): void {
  const next = nextVersion(t, machine);
  appendFileSync(machine.path(CONFIGURATION), '# ours\n');
  machine.must('dpkg', '--force-confdef', '--force-confold', '--install', next);
  t.match(machine.must('dpkg', '--status', 'weir'), /^Version: .*\+next$/m);
  t.match(
    readFileSync(machine.path(CONFIGURATION), 'utf8'),
    /# ours\n$/,
    'a configuration that was changed is kept',
  );
  t.match(
    readFileSync(machine.path(`${CONFIGURATION}.dpkg-dist`), 'utf8'),
    /# theirs\n$/,
    'the new one is beside it',
  );
  t.same(machine.told(), [`--system --no-block try-restart ${UNIT}`], 'nothing is stopped, and nobody waits');

  machine.must('systemctl', 'disable', UNIT);
  machine.must('dpkg', '--install', next);
  t.notOk(isThere(machine, WANTED), 'a service that was disabled stays so');
  machine.told();
}

function removes(t: Test, machine: DebianMachine): void {
  machine.must('dpkg', '--remove', 'weir');
  t.ok(machine.told().includes(`stop ${UNIT}`), 'it is stopped');
  for (const gone of ['usr/bin/weir', `lib/systemd/system/${UNIT}`]) t.notOk(isThere(machine, gone), gone);
  t.match(readFileSync(machine.path(CONFIGURATION), 'utf8'), /# ours\n$/, 'the configuration stays');
}

/** With what the service leaves, of a user of its own and of a dynamic one. */
function purges(t: Test, machine: DebianMachine): void {
  for (const base of WRITTEN) {
    mkdirSync(machine.path(`${base}/private/weir`), { recursive: true });
    writeFileSync(machine.path(`${base}/private/weir/access.log`), '{}\n');
    symlinkSync('private/weir', machine.path(`${base}/weir`));
  }
  machine.must('dpkg', '--purge', 'weir');
  t.not(machine.run('getent', 'passwd', 'weir').status, 0, 'the user is gone');
  t.not(machine.run('dpkg', '--status', 'weir').status, 0, 'and dpkg knows nothing of it');
  t.notOk(existsSync(machine.path('etc/weir')), 'nor does /etc');
}

t.test('it is installed, upgraded, removed and purged', async (t) => {
  const machine = await machineIn(t);
  if (machine === undefined) return;
  for (const base of WRITTEN) mkdirSync(machine.path(`${base}/private`), { recursive: true });
  const before = machine.files();
  writeFileSync(machine.path('root/weir.deb'), readFileSync(deb));
  installs(t, machine);
  upgrades(t, machine);
  removes(t, machine);
  purges(t, machine);
  for (const mine of ['root/weir.deb', 'root/next.deb']) rmSync(machine.path(mine));
  t.same([...machine.files().difference(before)], [], 'nothing is left');
  t.same([...before.difference(machine.files())], [], 'and nothing else is gone');
});
