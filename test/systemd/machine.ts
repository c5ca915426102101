/** Machines with a systemd of their own, and the packages that tests of it install there. */
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { must } from '../fixtures/image-bases.ts';
import { folderOf } from '../fixtures/owned.ts';
import { SystemdMachine } from '../fixtures/systemd-machine.ts';
import { needTool } from '../fixtures/tools.ts';

const DIST = join(import.meta.dirname, '../../dist');
const CHANGED = 'usr/share/doc/weir/copyright';

/** The package, one of the next version, and another one of the same version. */
function packagesIn(folder: string): void {
  const [deb = 'weir.deb'] = readdirSync(DIST).filter((name) => name.endsWith('.deb'));
  copyFileSync(join(DIST, deb), join(folder, 'weir.deb'));
  const tree = join(folder, 'tree');
  const build = (name: string) =>
    must('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', tree, join(folder, name)]);
  must('dpkg-deb', ['--raw-extract', join(DIST, deb), tree]);
  const sums = join(tree, 'DEBIAN/md5sums');
  appendFileSync(join(tree, CHANGED), 'Another build.\n');
  const sum = createHash('md5')
    .update(readFileSync(join(tree, CHANGED)))
    .digest('hex');
  writeFileSync(sums, readFileSync(sums, 'utf8').replace(new RegExp(`^\\w+(?=  ${CHANGED}$)`, 'm'), sum));
  build('other.deb');
  const control = join(tree, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, '$&+next'));
  build('next.deb');
}

/**
 * One that sees the packages, and what `prepare` puts beside them, as /opt/packages; where none can be, says so, and the test ends.
 */
export async function machineFor(
  t: Test,
  prepare: (packages: string) => void = () => {},
): Promise<SystemdMachine | undefined> {
  for (const tool of ['systemd-nspawn', 'nsenter', 'dpkg-deb', 'logrotate'])
    if ((await needTool(t, tool)) === undefined) return undefined;
  const folder = folderOf(t);
  const packages = join(folder, 'packages');
  mkdirSync(packages);
  packagesIn(packages);
  prepare(packages);
  try {
    const machine = await SystemdMachine.boot(folder, packages);
    t.teardown(() => machine[Symbol.asyncDispose]());
    // A container's policy for services, which would be the machine's.
    machine.must('rm', '-f', '/usr/sbin/policy-rc.d');
    return machine;
  } catch (error) {
    t.pass('runs under a systemd of its own', { skip: (error as Error).message });
    return undefined;
  }
}

export function pidOf(machine: SystemdMachine): string {
  return machine.must('systemctl', 'show', '--property=MainPID', '--value', 'weir');
}

export function versionOf(machine: SystemdMachine): string {
  return machine.must('dpkg-query', '--show', `--showformat=\${Version}`, 'weir');
}
