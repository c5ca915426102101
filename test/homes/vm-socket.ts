/** The port of tier 2 between Weir and systemd: what is put on a machine takes weir.socket over, and another port is another start. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { EXAMPLE } from '../fixtures/cloud.ts';
import { VmMachine } from '../fixtures/vm-machine.ts';

t.setTimeout(120_000);

const ROOT = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

t.test('what deploy/deploy puts on a machine takes over the socket of the package', async (t) => {
  const [, name] = /^FileDescriptorName=(\S+)$/m.exec(textOf('vm/weir.socket')) ?? [];
  const [, port] = /^ListenStream=0\.0\.0\.0:(\d+)$/m.exec(textOf('vm/weir.socket')) ?? [];
  const { listeners, hop } = parse(textOf('deploy/tier-2/weir.yaml'));
  t.same(
    listeners.map(({ address }: { address: string }) => address),
    [`systemd:${name}`],
  );
  t.match(textOf('vm/lib.sh'), `\nPROXY_PORT|${port}|port\n`);
  t.ok(
    hop.trust.audience.every((one: string) => one.endsWith(`:${port}`)),
    'which tier 1 dials',
  );
});

t.test('another port is taken by the socket, and the service follows', async (t) => {
  const machine = new VmMachine(t);
  const configuration = 'name: t2\nlisteners: [{ address: "systemd:weir" }]\n';
  const told = async (port: string): Promise<readonly string[]> => {
    const settings = join(machine.path('..'), 'own.env');
    writeFileSync(settings, `${readFileSync(EXAMPLE, 'utf8')}\nPROXY_PORT=${port}\n`);
    const ended = await machine.run('install.sh', machine.wanted({ configuration, settings }));
    t.match(ended, { status: 0, stderr: new RegExp(`✓ Something listens on port ${port}\n`) });
    return machine.changes().filter((line) => line.startsWith('systemctl'));
  };
  await told('3128');
  t.notOk(machine.has('etc/systemd/system/weir.socket.d/port.conf'));
  t.same(await told('3128'), []);
  const moved = [
    'systemctl unmask --runtime --quiet weir.service',
    'systemctl daemon-reload',
    'systemctl stop weir.socket weir.service',
    'systemctl enable --quiet weir.socket',
    'systemctl start weir.socket',
    'systemctl enable --quiet weir.service',
    'systemctl restart --no-block weir.service',
  ];
  t.same(await told('3129'), moved);
  t.match(machine.read('etc/systemd/system/weir.socket.d/port.conf'), /\nListenStream=0\.0\.0\.0:3129\n/);
  t.same(await told('3128'), moved, 'and back');
});
