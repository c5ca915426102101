/**
 * vm/install.sh on a machine that is a folder: nothing is changed before everything is checked, no step is lost when it is broken off,
 * and a second run changes nothing. test/build/package.ts has the package on a real Debian.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EXAMPLE, SETTINGS } from '../fixtures/cloud.ts';
import { brokenOff, installed, VmMachine } from '../fixtures/vm-machine.ts';

const MOMENT = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

t.setTimeout(300_000);

const SECRET = 'very-secret-key';
const SOCKET =
  'name: t2\nlisteners: [{ address: "systemd:weir" }]\nhop: /run/credentials/weir.service/hop.key\n';

t.test('install.sh installs, says each step, and a second run changes nothing', async (t) => {
  const machine = new VmMachine(t);
  const args = machine.wanted({ configuration: SOCKET, keys: { 'hop.key': SECRET } });
  const { status, stdout, stderr } = await machine.run('install.sh', args);
  t.equal(status, 0, stderr);
  t.equal(stdout, '');
  t.notMatch(stderr, SECRET, 'no key is printed');
  const steps = machine.changes();
  t.same(
    steps.filter((line) => /^(?:dpkg|systemctl) /.test(line)).map((line) => line.replace(/ \/\S*/, '')),
    [
      'systemctl mask --runtime --quiet weir.service',
      'dpkg --force-confold --force-confdef --install',
      'systemctl unmask --runtime --quiet weir.service',
      'systemctl daemon-reload',
      'systemctl stop weir.socket weir.service',
      'systemctl enable --quiet weir.socket',
      'systemctl start weir.socket',
      'systemctl enable --quiet weir.service',
      'systemctl restart --no-block weir.service',
    ],
    'the socket first, and nothing starts before its configuration is there',
  );
  t.equal(machine.read('etc/weir/weir.yaml'), SOCKET);
  t.equal(machine.read('etc/weir/domains.txt'), '.microsoft.com\n');
  t.equal(statSync(machine.path('etc/weir/keys/hop.key')).mode & 0o777, 0o600);
  t.equal(statSync(machine.path('etc/weir/keys')).mode & 0o777, 0o700);
  t.equal(statSync(machine.path('var/lib/weir-install')).mode & 0o777, 0o700);
  t.equal(
    machine.read('etc/systemd/system/weir.service.d/keys.conf'),
    '[Service]\nLoadCredential=hop.key:/etc/weir/keys/hop.key\n',
  );
  t.ok(machine.has('etc/sysctl.d/60-weir.conf'));
  t.match(await machine.run('install.sh', args), {
    status: 0,
    stderr: /✓ Everything is in place, and Weir runs/,
  });
  t.same(machine.changes(), []);
});

t.test(
  'install.sh leaves a configuration that is a link as it is, and writes no key through another',
  async (t) => {
    const machine = new VmMachine(t);
    const args = machine.wanted({ configuration: SOCKET, keys: { 'hop.key': SECRET } });
    const folder = args[args.indexOf('--configuration') + 1] as string;
    const elsewhere = t.testdir({ keys: {} });
    renameSync(join(folder, 'weir.yaml'), join(elsewhere, 'weir.yaml'));
    symlinkSync(join(elsewhere, 'weir.yaml'), join(folder, 'weir.yaml'));
    symlinkSync(join(elsewhere, 'keys'), join(folder, 'keys'));
    await machine.run('install.sh', [...args, '--dry-run']);
    t.equal(readFileSync(join(elsewhere, 'weir.yaml'), 'utf8'), SOCKET);
    t.same(readdirSync(join(elsewhere, 'keys')), []);
  },
);

t.test('install.sh --dry-run changes nothing, and prints what it would run', async (t) => {
  const machine = new VmMachine(t);
  const { status, stdout, stderr } = await machine.run('install.sh', [
    ...machine.wanted({ configuration: SOCKET, keys: { 'hop.key': SECRET } }),
    '--dry-run',
  ]);
  t.equal(status, 0, stderr);
  t.same(machine.changes(), []);
  t.notOk(machine.has('etc'));
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines)
    t.match(line, /^(?:systemctl|dpkg|install|mv|mkdir|chmod|cp|touch|sysctl|sh|bash \/\S+\/verify) /);
  t.ok(lines.includes('systemctl restart --no-block weir.service'));
});

t.test('install.sh broken off after any step goes on, and Weir runs what was asked for', async (t) => {
  const first = await installed(t);
  const args = first.wanted({ version: '2', configuration: SOCKET, keys: { 'hop.key': SECRET } });
  const ends = await brokenOff(t, first, ['install.sh', ...args]);
  t.ok(ends.length > 12);
  for (const machine of ends) {
    t.equal(machine.state('version'), '2');
    t.equal(machine.state('masked'), '');
    t.equal(machine.read('etc/weir/weir.yaml'), SOCKET);
    t.not(machine.state('invocation'), first.state('invocation'), 'what runs was started with what is there');
    t.notOk(machine.has('var/lib/weir-install/begun'));
  }
});

const WRONG: Readonly<
  Record<
    string,
    readonly [
      prepare: (machine: VmMachine) => void,
      env: Record<string, string>,
      status: number,
      said: RegExp,
    ]
  >
> = {
  'an old Squid has the port': [
    (machine) =>
      machine.setState('holder-3128', 'LISTEN 0 4096 *:3128 *:* users:(("squid",pid=812,fd=11))\n'),
    {},
    1,
    /✗ Port 3128 is held by squid \(process 812\)\n {2}To do: to stand beside it, give Weir another port/,
  ],
  'systemd is old': [() => {}, { STANDIN_SYSTEMD: '247' }, 1, /✗ systemd is 247, and 250 is needed/],
};
t.test('install.sh changes nothing where the machine is not fit', async (t) => {
  for (const [title, [prepare, env, status, said]] of Object.entries(WRONG)) {
    const machine = new VmMachine(t);
    prepare(machine);
    t.match(await machine.run('install.sh', machine.wanted({}), env), { status, stderr: said }, title);
    t.same(machine.changes(), [], title);
  }
});

t.test('install.sh changes nothing for a package or a configuration that is wrong', async (t) => {
  const machine = await installed(t);
  const args = machine.wanted({ version: '2' });
  const sum = args.map((word) => (/^[0-9a-f]{64}$/.test(word) ? '0'.repeat(64) : word));
  t.match(await machine.run('install.sh', sum), {
    status: 1,
    stderr: /✗ The sum of .* is [0-9a-f]{64}, wanted 0{64}/,
  });
  const broken = machine.wanted({ version: '3', configuration: 'broken\n' });
  t.match(await machine.run('install.sh', broken), {
    status: 78,
    stderr: /weir\.yaml:1:1: it is broken\n✗ weir check refuses/,
  });
  t.match(await machine.run('install.sh', args.slice(0, 4)), { status: 64 });
  t.match(
    await machine.run(
      'install.sh',
      args.map((word) => word.replace('weir_2.deb', 'none.deb')),
    ),
    { status: 66 },
  );
  t.same(machine.changes(), []);
  t.equal(machine.state('version'), '1');
});

t.test('a configuration alone is placed without a restart, and rolled back without one', async (t) => {
  const machine = await installed(t);
  const started = machine.state('invocation');
  const args = machine.wanted({ configuration: 'name: t2 # new\n' });
  t.match(await machine.run('install.sh', args), { status: 0 });
  t.equal(machine.read('etc/weir/weir.yaml'), 'name: t2 # new\n');
  machine.changes();
  const dry = await machine.run('rollback', ['configuration', ...SETTINGS, '--dry-run']);
  t.match(dry, { status: 0, stdout: /^install .*mv -f/ms });
  t.same(machine.changes(), []);
  t.match(await machine.run('rollback', ['configuration', ...SETTINGS]), {
    status: 0,
    stderr: /Back at configuration 000001/,
  });
  t.equal(machine.read('etc/weir/weir.yaml'), 'name: t2\n');
  t.equal(machine.state('invocation'), started);
  t.match(await machine.run('rollback', ['list', ...SETTINGS]), {
    status: 0,
    stdout: new RegExp(
      `^configuration 000002 ${MOMENT} ${sumOf('name: t2 # new\n')}\nconfiguration 000001 ${MOMENT} ${sumOf('name: t2\n')}\npackage 1 ${MOMENT} [0-9a-f]{64} 1 installed\n$`,
    ),
  });
});

t.test(
  'a port changes hands between Weir and systemd by a stop, and a key that needs a restart gets one',
  async (t) => {
    const machine = await installed(t);
    const told = async (configuration: string): Promise<readonly string[]> => {
      t.match(await machine.run('install.sh', machine.wanted({ configuration })), { status: 0 });
      return machine.changes().filter((line) => line.startsWith('systemctl'));
    };
    const own = 'name: t2\nlisteners: [{ address: "systemd:weir" }]\n';
    t.match((await told(own)).join(), /stop weir\.socket weir\.service,.*start weir\.socket,.*restart/);
    t.match(
      (await told('name: t2\n')).join(),
      /stop weir\.socket weir\.service,systemctl disable --quiet weir\.socket,.*restart/,
    );
    t.same(await told('name: t2 # other\n'), []);
    machine.setState('in-force', 'abc');
    t.match((await told('name: t3\n')).join(), /restart --no-block weir\.service/);
  },
);

t.test('every script of vm/ tells what it does', async (t) => {
  const machine = new VmMachine(t);
  for (const script of ['create.sh', 'firewall.sh', 'install.sh', 'verify', 'rollback']) {
    t.match(
      await machine.run(script, ['--help']),
      { status: 0, stdout: /^vm\/\S+ [\s\S]*Exit codes:[\s\S]*Examples:/, stderr: '' },
      script,
    );
    t.match(
      await machine.run(script, ['--no-such']),
      { status: 64, stderr: /Cannot run: there is no "--no-such"/ },
      script,
    );
    t.match(await machine.run(script, []), { status: 64 }, script);
  }
});

t.test('one install or rollback at a time has the machine, until its process has ended', async (t) => {
  const machine = await installed(t);
  const lock = machine.path('var/lib/weir-install/lock');
  const script = 'exec 9>>"$1"; flock 9; echo "$$" >"$1"; echo has it; read -r _';
  const other = spawn('bash', ['-c', script, 'other', lock], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => other.kill('SIGKILL'));
  await once(other.stdout, 'data');
  for (const [name, args] of [
    ['install.sh', machine.wanted({ version: '2' })],
    ['rollback', ['package', '--settings', EXAMPLE]],
  ] as const) {
    const { status, stderr } = await machine.run(name, args);
    t.equal(status, 1);
    t.match(
      stderr,
      `at work on this machine: process ${other.pid}\n  To do: wait until it has ended, or end it: kill ${other.pid};`,
    );
    t.match(await machine.run(name, [...args, '--dry-run']), { stderr: /Dry run|no package before/ });
  }
  t.match(await machine.run('rollback', ['list', '--settings', EXAMPLE]), { status: 0 });
  t.same(machine.changes(), []);
  other.kill('SIGKILL');
  await once(other, 'exit');
  t.match(await machine.run('install.sh', machine.wanted({ version: '2' })), { status: 0 });
});
