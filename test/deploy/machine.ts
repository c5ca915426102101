/** What deploy/deploy sends to a machine and has it run, run there: tar, the shell's words and vm/install.sh for real, at a machine that is a folder. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { execute } from '../../deploy/lib/execute.ts';
import { EXAMPLE } from '../fixtures/cloud.ts';
import { Site } from '../fixtures/deploy/site.ts';
import type { Tool } from '../fixtures/deploy/tool.ts';
import { VmMachine } from '../fixtures/vm-machine.ts';

t.setTimeout(120_000);

const PACKAGE = 'Package: weir\nVersion: 2\nArchitecture: amd64\n';
/** As whoever logs in there is another one than root: what sudo does is done. */
const SUDO = 'sudo() { "$@"; };';

/** `gcloud compute ssh`, whose commands the machine runs, in a home of its own. */
function sshTo(machine: VmMachine, home: string): Tool {
  const set = Object.entries(machine.environment()).map(([name, value]) => `${name}=${value}`);
  return (args, input) => {
    const command = args.find((arg) => arg.startsWith('--command='))?.slice('--command='.length) ?? '';
    const there = command.replaceAll('/run/weir-deploy', `${home}/run`);
    return execute({ words: ['env', '-C', home, ...set, 'bash', '-c', `${SUDO} ${there}`] }, input);
  };
}

t.test(
  'what is sent is installed and works there; keys are where systemd takes them from, and nowhere else',
  async (t) => {
    const machine = new VmMachine(t);
    const home = join(machine.path('..'), 'home');
    mkdirSync(home);
    mkdirSync(machine.path('var/log/weir'), { recursive: true });
    mkdirSync(machine.path('usr'));
    writeFileSync(machine.path('var/log/weir/audit.log'), '');
    const site = new Site(t, {
      PACKAGE_SHA256: createHash('sha256').update(PACKAGE).digest('hex'),
      VM_SETTINGS: 'vm.env',
    });
    const vm = readFileSync(EXAMPLE, 'utf8').replace(/^VMS=.*$/m, 'VMS=int-proxy-a/asia-east1-a/10.140.0.10');
    writeFileSync(join(site.folder, 'vm.env'), vm);
    writeFileSync(join(site.folder, 'weir_1.deb'), PACKAGE);
    const cloud = site.tools.gcloud as Tool;
    const ssh = sshTo(machine, home);
    site.tools.gcloud = (args, input) => (args[1] === 'ssh' ? ssh : cloud)(args, input);
    site.tools.tar = (args) => execute({ words: ['tar', ...args] });
    const { status, err } = await site.run(deployMain, ['--until', 'vm-test:int-proxy-a']);
    t.equal(status, 0, err.join('\n'));
    t.equal(machine.state('version'), '2');
    t.equal(
      machine.read('etc/weir/t2.pem'),
      readFileSync(join(site.secrets, 'vm/int-proxy-a/t2.pem'), 'utf8'),
    );
    t.equal(machine.read('etc/weir/keys/hop.key'), readFileSync(join(site.secrets, 'hop.key'), 'utf8'));
    t.match(
      machine.read('etc/systemd/system/weir.service.d/keys.conf'),
      /LoadCredential=t2\.key:\/etc\/weir\/keys\/t2\.key/,
    );
    t.notOk(existsSync(join(home, 'run')), 'what was in memory is gone');
    t.notOk(existsSync(join(home, 'weir-deploy/tier-2/hop.key')));
    const starts = machine.state('starts');
    t.match(await site.run(deployMain, ['--only', 'vm-install:int-proxy-a']), { status: 0 });
    t.equal(machine.state('starts'), starts, 'installed again it changes nothing');
  },
);

t.test('where the machine refuses, what it says is said, and no key is left there', async (t) => {
  const machine = new VmMachine(t);
  const home = join(machine.path('..'), 'home');
  mkdirSync(home);
  const site = new Site(t);
  site.cloud.create(['int-proxy-a', 'int-proxy-b']);
  const cloud = site.tools.gcloud as Tool;
  const ssh = sshTo(machine, home);
  site.tools.gcloud = (args, input) => (args[1] === 'ssh' ? ssh : cloud)(args, input);
  site.tools.tar = (args) => execute({ words: ['tar', ...args] });
  const { status, err } = await site.run(deployMain, ['--until', 'vm-test:int-proxy-a']);
  t.equal(status, 1);
  t.match(
    err.at(-2),
    /✗ vm-install:int-proxy-a .*\n.*ended with 1: ✗ The package is for nothing, and this machine is amd64\n +To do: build it on such a machine/,
  );
  t.notOk(existsSync(join(home, 'run')), 'keys are gone all the same');
});
