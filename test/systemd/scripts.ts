/**
 * vm/install.sh, verify and rollback on a machine with a real systemd, dpkg and Weir: installed, another build, another version, another
 * port, and back. `npm run test:systemd`, as systemd.ts.
 */
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import type { SystemdMachine } from '../fixtures/systemd-machine.ts';
import { Issuer } from '../fixtures/tls.ts';
import { eventually } from '../fixtures/within.ts';
import { machineFor, pidOf, versionOf } from './machine.ts';

t.setTimeout(600_000);

const HERE = '/opt/packages';
const ORIGIN = 'origin.test';
const ORIGIN_PORT = '8443';

const yaml = (rule: string): string => `name: t2
listeners: [{ name: main, address: "systemd:weir" }]
acls: { here: { src: [127.0.0.0/8] }, origin: { dstDomains: [${ORIGIN}] } }
access: [{ name: ${rule}, allow: [here, origin], allowPrivate: [127.0.0.0/8] }]
routes: [{ name: out, direct: true }]
log:
  access: { path: /var/log/weir/access.log }
  audit: { path: /var/log/weir/audit.log, strict: true, keyFile: /run/credentials/weir.service/audit.key }
`;

/** What an operator brings: the scripts, two configurations, two files of settings, and what the machine has to trust. */
function prepare(packages: string, authority: string): void {
  cpSync(join(import.meta.dirname, '../../vm'), join(packages, 'vm'), { recursive: true });
  // The kernel is this machine's.
  writeFileSync(join(packages, 'vm/sysctl.d/60-weir.conf'), '');
  for (const name of ['first', 'second']) {
    mkdirSync(join(packages, name));
    writeFileSync(join(packages, name, 'weir.yaml'), yaml(name));
  }
  const settings = `CLIENT_ADDRESS=127.0.0.1\nPERMITTED=${ORIGIN}:${ORIGIN_PORT}\nREFUSED=example.com:443\n`;
  writeFileSync(join(packages, 'own.env'), settings);
  writeFileSync(join(packages, 'moved.env'), `${settings}PROXY_PORT=3129\n`);
  copyFileSync(authority, join(packages, 'ca.pem'));
}

interface Wanted {
  readonly deb?: string;
  readonly configuration?: string;
  readonly settings?: string;
}

/** The scripts on that machine. */
class Operator {
  readonly #t: Test;
  readonly #machine: SystemdMachine;

  constructor(t: Test, machine: SystemdMachine) {
    this.#t = t;
    this.#machine = machine;
  }

  install(says: RegExp, wanted: Wanted): void {
    const { deb = 'weir.deb', configuration = 'first', settings = 'own.env' } = wanted;
    const [sum = ''] = this.#machine.must('sha256sum', `${HERE}/${deb}`).split(' ');
    const what = [
      '--package',
      `${HERE}/${deb}`,
      '--sha256',
      sum,
      '--configuration',
      `${HERE}/${configuration}`,
    ];
    this.#does(says, ['install.sh', ...what, '--keys', '/root/keys', '--settings', `${HERE}/${settings}`]);
  }

  verify(): void {
    this.#does(/Done\. Everything holds/, ['verify', '--settings', `${HERE}/own.env`]);
  }

  rollBack(what: string, says: RegExp): void {
    this.#does(says, ['rollback', what, '--settings', `${HERE}/own.env`]);
  }

  #does(says: RegExp, [script = '', ...args]: readonly string[]): void {
    const { status, stdout, stderr } = this.#machine.run('bash', `${HERE}/vm/${script}`, ...args);
    this.#t.match(
      { status, stdout, stderr },
      { status: 0, stdout: '', stderr: says },
      [script, ...args].join(' '),
    );
  }
}

/** The origin, its name and its authority. @returns what ends it */
async function withOrigin(machine: SystemdMachine, issuer: Issuer): Promise<() => Promise<void>> {
  const { certFile, keyFile } = await issuer.issue(ORIGIN);
  machine.must('sh', '-c', `echo 127.0.0.1 ${ORIGIN} >>/etc/hosts`);
  machine.must('sh', '-c', `cat ${HERE}/ca.pem >>/etc/ssl/certs/ca-certificates.crt`);
  const program = join(import.meta.dirname, 'origin.ts');
  const child = machine.spawnOnNetwork(process.execPath, [program, certFile, keyFile, ORIGIN_PORT]);
  await once(child, 'message');
  return async () => {
    child.disconnect();
    if (child.exitCode === null) await once(child, 'exit');
  };
}

function installs(t: Test, machine: SystemdMachine, operator: Operator): void {
  operator.install(/✓ weir \S+ is installed\n[\s\S]*✓ The audit trail holds/, {});
  for (const unit of ['weir.service', 'weir.socket']) {
    t.equal(machine.must('systemctl', 'is-active', unit), 'active');
    t.equal(machine.must('systemctl', 'is-enabled', unit), 'enabled');
  }
  const pid = pidOf(machine);
  operator.install(/✓ Everything is in place, and Weir runs/, {});
  t.equal(pidOf(machine), pid, 'a second run changes nothing');
}

function goesBack(t: Test, machine: SystemdMachine, operator: Operator): void {
  const version = versionOf(machine);
  operator.install(/✓ weir \S+\+next is installed\n/, { deb: 'next.deb', configuration: 'second' });
  t.equal(versionOf(machine), `${version}+next`);
  operator.verify();
  const pid = pidOf(machine);
  operator.rollBack('configuration', /Back at configuration \d+\n/);
  t.equal(machine.must('cat', '/etc/weir/weir.yaml'), yaml('first').trimEnd());
  t.equal(pidOf(machine), pid, 'without a restart');
  operator.rollBack('package', /Back at package/);
  t.equal(versionOf(machine), version);
  t.not(pidOf(machine), pid);
  operator.verify();
}

function takesAnotherBuild(t: Test, machine: SystemdMachine, operator: Operator): void {
  const version = versionOf(machine);
  const sums = machine.must('dpkg-query', '--control-show', 'weir', 'md5sums');
  operator.install(/✓ weir \S+ is installed\n[\s\S]*✓ Weir is started/, { deb: 'other.deb' });
  t.equal(versionOf(machine), version);
  t.not(machine.must('dpkg-query', '--control-show', 'weir', 'md5sums'), sums);
  const others = machine
    .run('dpkg', '--verify', 'weir')
    .stdout.replace(/^.* c \/etc\/weir\/weir\.yaml\n/m, '');
  t.equal(others, '', 'its files are those of the package');
  operator.rollBack('package', /Back at package build-\w{8}-of-/);
  t.equal(machine.must('dpkg-query', '--control-show', 'weir', 'md5sums'), sums);
}

/** The workers of before accept for 5 s more where they did, and have the port until then. */
async function moves(machine: SystemdMachine, operator: Operator): Promise<void> {
  const isLeft = (port: number) => (): boolean => machine.must('ss', '-Hltn', `sport = :${port}`) === '';
  operator.install(/✓ Something listens on port 3129\n/, { settings: 'moved.env' });
  await eventually(isLeft(3128), 'nobody to listen on port 3128');
  operator.install(/✓ Something listens on port 3128\n/, {});
  await eventually(isLeft(3129), 'nobody to listen on port 3129');
}

t.test('the scripts of vm/ under a real systemd', async (t) => {
  await using issuer = await Issuer.open();
  const machine = await machineFor(t, (packages) => prepare(packages, issuer.caFile));
  if (machine === undefined) return;
  machine.must(
    'sh',
    '-c',
    'umask 077; mkdir /root/keys; openssl genpkey -algorithm ed25519 -out /root/keys/audit.key',
  );
  const end = await withOrigin(machine, issuer);
  t.teardown(async () => {
    if (!t.passing()) t.comment(machine.journal());
    await end();
  });
  const operator = new Operator(t, machine);
  installs(t, machine, operator);
  goesBack(t, machine, operator);
  takesAnotherBuild(t, machine, operator);
  await moves(machine, operator);
});
