/** vm/mig/startup.sh on a machine that is a folder: what lies in the bucket is installed, and Weir runs, at the first start and at another. */
import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EXAMPLE } from '../fixtures/cloud.ts';
import { VmMachine } from '../fixtures/vm-machine.ts';

t.setTimeout(120_000);

const VM = join(import.meta.dirname, '../../vm');
const SECRET = 'very-secret-key\n';
const HOP = 'name: t2\nhop: /run/credentials/weir.service/hop.key\n';

/** A machine that was just made, with a bucket and a secret. */
function freshMachine(t: Test, configuration = HOP): VmMachine {
  const machine = new VmMachine(t);
  const args = machine.wanted({ configuration });
  const argOf = (option: string): string => args[args.indexOf(option) + 1] ?? '';
  const bucket = machine.statePath('bucket');
  cpSync(VM, join(bucket, 'vm'), { recursive: true });
  cpSync(argOf('--configuration'), join(bucket, 'tier-2'), { recursive: true });
  mkdirSync(join(bucket, 'tier-2/lists'));
  writeFileSync(join(bucket, 'tier-2/lists/more.txt'), '.azure.com\n');
  cpSync(argOf('--package'), join(bucket, 'weir.deb'));
  writeFileSync(join(bucket, 'SHA256'), `${argOf('--sha256')}  weir_1.deb\n`);
  cpSync(EXAMPLE, join(bucket, 'settings.env'));
  writeFileSync(join(bucket, 'KEYS'), 'hop.key\n');
  mkdirSync(machine.statePath('secrets'));
  writeFileSync(machine.statePath('secrets/weir-hop-key'), SECRET);
  return machine;
}

t.test('a machine installs what the bucket has, none of which is executable there', async (t) => {
  const machine = freshMachine(t);
  const { status, stdout, stderr } = await machine.run('mig/startup.sh', []);
  t.equal(status, 0, stderr);
  t.match(stderr, /✓ Weir is started[\s\S]*✓ weir\.service is active[\s\S]*Done\. Everything holds\n/);
  t.notMatch(stdout + stderr, 'very-secret', 'no key is printed');
  t.equal(machine.state('version'), '1');
  t.equal(machine.read('etc/weir/keys/hop.key'), SECRET);
  t.equal(statSync(machine.path('etc/weir/lists')).mode & 0o777, 0o755, 'the service can read it');
  t.equal(statSync(machine.path('etc/weir/keys')).mode & 0o777, 0o700);
  t.same(
    machine.changes().filter((line) => line.startsWith('apt-get')),
    ['apt-get update', 'apt-get install -y --no-install-recommends libatomic1 libstdc++6'],
  );
  const again = await machine.run('mig/startup.sh', []);
  t.match(again, { status: 0, stderr: /✓ Everything is in place, and Weir runs/ });
  t.same(machine.changes(), [], 'a second start installs nothing');
});

t.test('where the configuration is refused, Weir is not started', async (t) => {
  const machine = freshMachine(t, 'broken\n');
  t.match(await machine.run('mig/startup.sh', []), { status: 78, stderr: /✗ weir check refuses/ });
  t.equal(machine.state('active'), '');
});

t.test('--dry-run prints what a start would change, and changes nothing', async (t) => {
  const machine = freshMachine(t);
  const { status, stdout, stderr } = await machine.run('mig/startup.sh', ['--dry-run']);
  t.equal(status, 0, stderr);
  t.match(
    stdout,
    /^apt-get update\napt-get install [\s\S]*\ndpkg .*--install [\s\S]*\nsystemctl restart --no-block weir\.service\n/,
  );
  t.same(machine.changes(), []);
  t.notOk(machine.has('etc'));
});

t.test('the start script says what it does, and takes nothing else', async (t) => {
  const machine = new VmMachine(t);
  t.match(await machine.run('mig/startup.sh', ['--help']), {
    status: 0,
    stdout: /^vm\/mig\/startup\.sh \[--dry-run\][\s\S]*Exit codes:[\s\S]*Examples:/,
    stderr: '',
  });
  for (const args of [['--now'], ['--dry-run', '--now']])
    t.match(await machine.run('mig/startup.sh', args), { status: 64, stderr: /^Cannot run: / });
  t.same(machine.changes(), []);
});
