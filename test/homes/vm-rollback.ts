/** vm/rollback and vm/verify on a machine that is a folder: what was there comes back, and what does not hold is said. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { EXAMPLE, SETTINGS } from '../fixtures/cloud.ts';
import { brokenOff, installed, VmMachine } from '../fixtures/vm-machine.ts';

t.setTimeout(120_000);

t.test('rollback of a configuration goes on to where it went, broken off after any step', async (t) => {
  const first = await installed(t);
  await first.run('install.sh', first.wanted({ configuration: 'name: t2 # new\n' }));
  first.changes();
  const ends = await brokenOff(t, first, ['rollback', 'configuration', ...SETTINGS]);
  t.ok(ends.length > 3);
  for (const machine of ends) t.equal(machine.read('etc/weir/weir.yaml'), 'name: t2\n');
});

t.test('the oldest that is kept can be gone back to, though what is there now takes a place', async (t) => {
  const machine = await installed(t);
  for (let version = 1; version <= 11; version += 1)
    await machine.run('install.sh', machine.wanted({ configuration: `name: t2 # ${version}\n` }));
  const { stdout } = await machine.run('rollback', ['list', ...SETTINGS]);
  const oldest = /^configuration (\d+) \S+ [0-9a-f]{64}\npackage/m.exec(stdout)?.[1] ?? '';
  t.equal(stdout.split('\n').length, 12, 'ten of them, and a package');
  t.match(await machine.run('rollback', ['configuration', '--to', oldest, ...SETTINGS]), { status: 0 });
  t.equal(machine.read('etc/weir/weir.yaml'), 'name: t2 # 1\n');
});

t.test('rollback of a package goes on to where it went, broken off after any step', async (t) => {
  const first = await installed(t);
  const bad = await first.run('install.sh', first.wanted({ version: '2.bad' }));
  t.match(bad, { status: 1, stderr: /✗ Weir is not ready/ });
  first.changes();
  const ends = await brokenOff(t, first, ['rollback', 'package', ...SETTINGS]);
  t.ok(ends.length > 6);
  for (const machine of ends) t.equal(`${machine.state('version')} ${machine.state('active')}`, '1 active');
});

t.test('what cannot be put back, or does not work then, is 70: escalate', async (t) => {
  const machine = await installed(t);
  for (const what of ['configuration', 'package']) {
    t.match(await machine.run('rollback', [what, ...SETTINGS]), {
      status: 70,
      stderr: /✗ There is no .* before/,
    });
  }
  t.match(await machine.run('rollback', ['configuration', '--to', '../../etc', ...SETTINGS]), { status: 70 });
  t.match(await machine.run('rollback', ['package', '--wait', 'soon', ...SETTINGS]), { status: 64 });
  await machine.run('install.sh', machine.wanted({ version: '2', configuration: 'name: new\n' }));
  const failing = await machine.run('rollback', ['package', ...SETTINGS], { STANDIN_ANSWER: '502' });
  t.match(failing, { status: 70, stderr: /✗ What was put back does not work\n {2}To do: escalate/ });
});

t.test('verify says what does not hold, each by itself', async (t) => {
  const machine = await installed(t);
  t.match(await machine.run('verify', SETTINGS), { status: 0, stderr: /Done\. Everything holds/ });
  machine.setState('in-force', 'abc');
  const wrong = await machine.run('verify', SETTINGS, {
    STANDIN_ANSWER: '200',
    STANDIN_PERMITTED: 'no.such:443',
  });
  t.equal(wrong.status, 1);
  t.match(wrong.stderr, /✗ The policy in force is abc, that of the file is [0-9a-f]{64}/);
  t.match(
    wrong.stderr,
    /✗ The policy says deny of login\.microsoft\.com:443 to 10\.128\.0\.7\n.*PERMITTED_AT in /,
  );
  t.match(wrong.stderr, /✗ Through the proxy, example\.com:443 answers 200 to this machine, and 403 is/);
  machine.setState('active', 'failed');
  t.match(await machine.run('verify', SETTINGS), {
    status: 1,
    stderr: /✗ Not so: weir\.service is active\n {2}To do: systemctl status weir/,
  });
  t.same(machine.changes(), []);
});

t.test('verify waits for the first checkpoint of a trail, and for nothing else', async (t) => {
  const machine = await installed(t);
  const settings = join(machine.path(''), 'audited.env');
  writeFileSync(settings, `${readFileSync(EXAMPLE, 'utf8')}\nAUDIT_PUBLIC_KEY=/etc/weir/audit.pub\n`);
  const trail = machine.path('var/log/weir/audit.log');
  mkdirSync(join(trail, '..'), { recursive: true });
  const verify = () => machine.run('verify', ['--settings', settings]);
  writeFileSync(trail, 'young\n');
  t.match(await verify(), {
    status: 1,
    stderr:
      /✗ Not so: The audit trail holds\n.*'weir audit verify --key \/etc\/weir\/audit\.pub \/var\/log\/weir\/audit\.log\*'/,
  });
  machine.setState('checkpoint-comes', '');
  t.match(await verify(), { status: 0, stderr: /✓ The audit trail holds/ });
  writeFileSync(trail, 'forged\n');
  t.match(await verify(), { status: 1 });
  t.equal(machine.read('var/log/weir/audit.log'), 'forged\n');
});

t.test('verify and rollback say that nothing is there yet', async (t) => {
  const machine = new VmMachine(t);
  t.match(await machine.run('verify', SETTINGS), { status: 66, stderr: /^✗ Cannot read \S*weir\.yaml\n/ });
  t.match(await machine.run('rollback', ['list', ...SETTINGS]), {
    status: 0,
    stdout: '',
    stderr: /Nothing is kept yet/,
  });
});

t.test('verify --outside wants nothing to answer at the admin address', async (t) => {
  const machine = await installed(t);
  const outside = [...SETTINGS, '--outside', 'int-proxy-a.aibang.com'];
  t.match(await machine.run('verify', outside), {
    status: 1,
    stderr: /✗ int-proxy-a\.aibang\.com:9128 can be reached from here/,
  });
  for (const code of ['7', '28'])
    t.match(await machine.run('verify', outside, { STANDIN_CURL: code }), { status: 0 });
  t.match(
    await machine.run('verify', outside, { STANDIN_CURL: '52' }),
    { status: 1 },
    'an empty answer is one',
  );
});

t.test('rollback takes no time to wait that is none, which bash would work out', async (t) => {
  const machine = await installed(t);
  const args = ['package', ...SETTINGS, '--wait', 'a[$(touch "$WEIR_ROOT/ran")0]'];
  t.match(await machine.run('rollback', args), { status: 64, stderr: /--wait is / });
  t.notOk(machine.has('ran'));
});
