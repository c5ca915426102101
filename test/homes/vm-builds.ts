/** vm/install.sh and vm/rollback with two packages that have one version, as each commit between two versions makes another. */
import t from 'tap';
import { SETTINGS } from '../fixtures/cloud.ts';
import { installed, VmMachine } from '../fixtures/vm-machine.ts';

t.setTimeout(120_000);

const SECOND = { build: 'Other: 1\n' };

t.test('another build of the version that is installed is installed, and rolled back', async (t) => {
  const machine = await installed(t);
  const args = machine.wanted(SECOND);
  const first = machine.state('md5sums');
  t.match(await machine.run('install.sh', args), { status: 0, stderr: /✓ weir 1 is installed/ });
  const second = machine.state('md5sums');
  t.not(second, first);
  t.match(machine.changes().join(), /,dpkg [^,]*,.*,systemctl restart --no-block weir\.service,/);
  t.match(await machine.run('install.sh', args), { status: 0, stderr: /✓ Everything is in place/ });
  t.same(machine.changes(), [], 'the same file is not installed twice');
  const { stdout } = await machine.run('rollback', ['list', ...SETTINGS]);
  t.match(stdout, /^package 1 \S+Z [0-9a-f]{64} 1 installed\npackage build-\S+ \S+Z [0-9a-f]{64} 1\n$/m);
  t.match(stdout, `Z ${second} 1 installed\n`, 'and by its SHA-256');
  for (const [name, sum] of [
    [`build-${first.slice(0, 8)}-of-1`, first],
    ['1', second],
  ]) {
    const back = await machine.run('rollback', ['package', ...SETTINGS]);
    t.match(back, { status: 0, stderr: new RegExp(`Back at package ${name}\n`) });
    t.equal(machine.state('md5sums'), sum);
  }
});

t.test('broken off while packages are kept, it goes on, and the way back leads to the first', async (t) => {
  const first = await installed(t);
  const args = first.wanted(SECOND);
  // Behind dpkg, and between the two files.
  for (const step of ['2', '6']) {
    const machine = new VmMachine(t, first);
    t.match(await machine.run('install.sh', args, { BREAK_AFTER: step }), { status: 1 });
    t.match(machine.changes().at(-1) ?? '', step === '2' ? /^dpkg / : /^mv .*\/build-\w{8}-of-1\.deb$/);
    t.match(await machine.run('rollback', ['package', ...SETTINGS]), { status: 0 });
    t.equal(machine.state('md5sums'), first.state('md5sums'));
    t.match(await machine.run('install.sh', args), { status: 0 });
    t.not(machine.state('md5sums'), first.state('md5sums'));
  }
});
