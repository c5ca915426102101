import { renameSync, rmSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { HostsFile } from '#net/hosts-file.ts';

interface Fixture {
  readonly path: string;
  readonly clock: { ms: number };
  /** Addresses as text. */
  ask(name: string): Promise<string[] | undefined>;
}

function start(t: Tap, content: string): Fixture {
  const path = `${t.testdir({ hosts: content })}/hosts`;
  const clock = { ms: 1_000, now: () => clock.ms };
  const file = new HostsFile(path, clock);
  return { path, clock, ask: async (name) => (await file.addressesOf(name))?.map(({ text }) => text) };
}

type Tap = Pick<typeof t, 'testdir'>;

t.test(
  'addressesOf() reads addresses with all their names, aside from comments and what is no address',
  async (t) => {
    const { ask } = start(
      t,
      [
        '# 10.0.0.9 commented.example',
        '127.0.0.1\tlocalhost',
        '::1 localhost ip6-localhost # loopback.example',
        '  10.0.0.1   VM-A.example.  vm-a  ',
        'fe80::1%eth0 scoped.example',
        'nonsense here.example',
        '',
        '10.0.0.2',
      ].join('\n'),
    );
    t.same(await ask('localhost'), ['127.0.0.1', '::1']);
    t.same(await ask('ip6-localhost'), ['::1']);
    t.same(await ask('vm-a.example'), ['10.0.0.1']);
    t.same(await ask('vm-a'), ['10.0.0.1']);
    for (const name of [
      'commented.example',
      'loopback.example',
      'scoped.example',
      'here.example',
      'constructor',
    ]) {
      t.equal(await ask(name), undefined, name);
    }
  },
);

t.test('addressesOf() looks whether the file has changed no more than once a second', async (t) => {
  const { path, clock, ask } = start(t, '10.0.0.1 vm.example\n');
  t.same(await ask('vm.example'), ['10.0.0.1']);
  writeFileSync(path, '10.0.0.200 vm.example\n');
  clock.ms += 999;
  t.same(await ask('vm.example'), ['10.0.0.1']);
  clock.ms += 1;
  t.same(await ask('vm.example'), ['10.0.0.200']);
  clock.ms += 1_000;
  t.same(await ask('vm.example'), ['10.0.0.200'], 'and again where it has not');
});

t.test('addressesOf() knows nothing while there is no file', async (t) => {
  const { path, clock, ask } = start(t, '10.0.0.1 vm.example\n');
  t.same(await ask('vm.example'), ['10.0.0.1']);
  renameSync(path, `${path}.away`);
  clock.ms += 1_000;
  t.equal(await ask('vm.example'), undefined);
  renameSync(`${path}.away`, path);
  clock.ms += 1_000;
  t.same(await ask('vm.example'), ['10.0.0.1']);
});

t.test('addressesOf() goes on with what it knows where the file cannot be read', async (t) => {
  const { path, clock, ask } = start(t, '10.0.0.1 vm.example\n');
  t.same(await ask('vm.example'), ['10.0.0.1']);
  // A folder can be opened and not read, whoever runs the test.
  rmSync(path);
  t.testdir({ hosts: { inside: '' } });
  clock.ms += 1_000;
  t.same(await ask('vm.example'), ['10.0.0.1']);
});

// Attacks: bounded.
t.test('addressesOf() reads the first 4 MiB of a file', async (t) => {
  const { ask } = start(t, `10.0.0.1 vm.example\n${'#'.repeat(4 * 1024 * 1024)}\n10.0.0.2 late.example\n`);
  t.same(await ask('vm.example'), ['10.0.0.1']);
  t.equal(await ask('late.example'), undefined);
});

t.test('table is what was read less than a second ago', async (t) => {
  const path = `${t.testdir({ hosts: '10.0.0.1 vm-a\n' })}/hosts`;
  const clock = { ms: 1_000, now: () => clock.ms };
  const file = new HostsFile(path, clock);
  t.equal(file.table, undefined, 'nothing yet');
  const asked = file.addressesOf('vm-a');
  t.equal(file.table, undefined, 'not while it is being read');
  await asked;
  t.match(file.table?.get('vm-a'), [{ text: '10.0.0.1' }]);
  clock.ms += 999;
  t.ok(file.table);
  clock.ms += 1;
  t.equal(file.table, undefined, 'it may have changed');
});
