import { join } from 'node:path';
import t from 'tap';
import { testCommand } from '#cli/test.ts';
import { tierYaml } from '../../fixtures/tier.ts';
import { weir } from '../../fixtures/weir.ts';

const TESTS = `tests:
  - { name: good, from: { ip: 10.128.0.7 }, target: "a.example:443", expect: { verdict: allow, rule: pods } }
  - { name: bad, from: { ip: 10.128.0.7 }, target: "a.example:80", expect: { verdict: allow, rule: pods } }
`;

const FILES = { 't.yaml': tierYaml(), 't.test.yaml': TESTS };

t.test('weir test runs the tests beside a policy, or those that it is given', async (t) => {
  const directory = t.testdir({ ...FILES, 't.test.yaml': TESTS.replace(/ {2}- { name: bad.*\n/, '') });
  for (const name of ['t.yaml', 't.test.yaml']) {
    const { status, stdout, stderr } = await weir('test', join(directory, name));
    t.match({ status, stderr }, { status: 0, stderr: '' });
    t.equal(stdout, `${join(directory, 't.test.yaml')}: 1 passed, 0 failed\n`);
  }
});

t.test('weir test exits with 1 where a test fails, and shows why', async (t) => {
  const directory = t.testdir(FILES);
  const { status, stdout, stderr } = await weir('test', join(directory, 't.yaml'));
  t.match({ status, stderr }, { status: 1, stderr: '' });
  t.match(
    stdout,
    /t\.test\.yaml:3:5: failed: bad\n {2}expected {2}allow by pods\n {2}actual {4}deny by not-tls at /,
  );
  t.match(stdout, /!tls: port 80 is not in tls\n/);
});

t.test('weir test --json has everything', async (t) => {
  const directory = t.testdir(FILES);
  const { status, stdout } = await weir('test', '--json', join(directory, 't.yaml'));
  t.equal(status, 1);
  t.match(JSON.parse(stdout), {
    passed: 1,
    failed: 1,
    files: [
      { file: join(directory, 't.test.yaml'), tests: [{ passed: true }, { name: 'bad', passed: false }] },
    ],
  });
});

const BROKEN: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, message: string]>> =
  {
    'a test of an unknown rule': [
      { ...FILES, 't.test.yaml': TESTS.replace('rule: pods', 'rule: pod') },
      't.test.yaml:2:102: tests[0].expect.rule: Rule "pod" is not in the policy (value "pod"). Write "pods"',
    ],
    'a policy without tests': [{ 't.yaml': tierYaml() }, 't.test.yaml:1:1: Cannot read'],
    'a policy with mistakes': [
      { ...FILES, 't.yaml': 'name: t' },
      't.yaml:1:1: listeners: Key "listeners" is missing',
    ],
  };

for (const [what, [files, message]] of Object.entries(BROKEN)) {
  t.test(`weir test exits with 78 for ${what}`, async (t) => {
    const { status, stdout, stderr } = await weir('test', join(t.testdir(files), 't.yaml'));
    t.match({ status, stdout }, { status: 78, stdout: '' });
    t.ok(stderr.includes(message), stderr);
  });
}

t.test('weir check runs the tests beside a file', async (t) => {
  const directory = t.testdir(FILES);
  const { status, stdout, stderr } = await weir('check', join(directory, 't.yaml'));
  t.match({ status, stderr }, { status: 1, stderr: '' });
  t.match(
    stdout,
    /^\S+t\.test\.yaml:3:5: error: Test "bad" failed: expected allow by pods, found deny by not-tls at .* \(failed-test\)$/m,
  );
});

t.test('weir test of nothing, and of standard input, is a matter of usage', async (t) => {
  await t.rejects(testCommand.run({ files: [], json: false, 'without-secrets': false }), {
    name: 'UsageError',
  });
  t.match(await weir('test', '-'), { status: 64, stdout: '' });
});

t.test('weir test --without-secrets asks a policy whose keys are elsewhere', async (t) => {
  const file = join(import.meta.dirname, '../../../k8s/overlays/aibang/intra-proxy/weir.yaml');
  t.equal((await weir('test', file)).status, 78);
  t.match(await weir('test', '--without-secrets', file), { status: 0, stderr: '', stdout: /, 0 failed\n$/ });
});
