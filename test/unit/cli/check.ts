import { join } from 'node:path';
import t from 'tap';
import { checkCommand } from '#cli/check.ts';
import { WEIR } from '../../../scripts/lib/weir-process.ts';
import { configText } from '../../fixtures/config.ts';
import { run } from '../../fixtures/run.ts';
import { weir } from '../../fixtures/weir.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

t.test('weir check tells of each good file what it holds', async (t) => {
  const files = ['t1.yaml', 't2.yaml'].map((name) => join(EXAMPLES, name));
  const { status, stdout, stderr } = await weir('check', ...files);
  t.equal(status, 0);
  t.equal(stderr, '');
  const [first, second, ...rest] = stdout.split('\n');
  t.match(first, /^\S+\/t1\.yaml: t1, 5 rules, 5 ACLs, 1 route, policy [0-9a-f]{64}$/);
  t.match(second, /^\S+\/t2\.yaml: t2, 4 rules, 3 ACLs, 1 route, policy [0-9a-f]{64}$/);
  t.same(rest, ['']);
});

t.test('weir check tells every problem of every file, and still of the good ones', async (t) => {
  const directory = t.testdir({
    'good.yaml': configText(),
    'bad.yaml': configText('limits: {}', 'dns: { minTtl: 5 }'),
  });
  const [good, bad, missing] = ['good.yaml', 'bad.yaml', 'missing.yaml'].map((name) => join(directory, name));
  const { status, stdout, stderr } = await weir('check', `${bad}`, `${good}`, `${missing}`);
  t.equal(status, 78);
  t.match(stdout, /^\S+\/good\.yaml: t1, 1 rule, 1 ACL, 1 route, policy [0-9a-f]{64}\n$/);
  const lines = stderr.trimEnd().split('\n');
  t.equal(lines.length, 3);
  t.ok(lines[0]?.startsWith(`${bad}:6:1: limits: Unknown key "limits". Use one of: `));
  t.ok(lines[1]?.startsWith(`${bad}:7:16: dns.minTtl: Expected text, found a number (value 5). `));
  t.ok(lines[2]?.startsWith(`${missing}:1:1: Cannot read "${missing}": no such file. `));
});

t.test('weir check --json prints the problems as one array', async (t) => {
  const directory = t.testdir({ 'good.yaml': configText(), 'bad.yaml': configText('dns: { minTtl: 5 }') });
  const bad = join(directory, 'bad.yaml');
  const { status, stdout, stderr } = await weir('check', '--json', join(directory, 'good.yaml'), bad);
  t.equal(status, 78);
  t.equal(stderr, '');
  t.same(JSON.parse(stdout), [
    {
      file: bad,
      line: 6,
      column: 16,
      path: 'dns.minTtl',
      message: 'Expected text, found a number',
      value: '5',
      fix: 'Write for example minTtl: 5s',
    },
  ]);
  t.match(await weir('check', '--json', join(directory, 'good.yaml')), {
    status: 0,
    stdout: '[]\n',
    stderr: '',
  });
});

t.test('weir check - checks standard input, whose names begin at the working directory', async (t) => {
  const cwd = t.testdir({ 'd.txt': '.a.com\n', 'good.yaml': configText() });
  const input = configText().replace('ports: [443]', 'dstDomains: { file: d.txt }');
  const good = await run(WEIR, ['check', '-'], { cwd, input });
  t.match(good, { status: 0, stderr: '' });
  t.match(good.stdout, /^<stdin>: t1, 1 rule, 1 ACL, 1 route, policy [0-9a-f]{64}\n$/);
  const bad = await run(WEIR, ['check', 'good.yaml', '-'], { cwd, input: configText('limits: {}') });
  t.equal(bad.status, 78);
  t.match(bad.stderr, /^<stdin>:6:1: limits: Unknown key "limits"\. /);
  t.match(bad.stdout, /^good\.yaml: t1, /);
  const empty = await run(WEIR, ['check', '--json', '-'], { cwd });
  t.equal(empty.status, 78, 'nothing is not good');
  t.match(JSON.parse(empty.stdout), [{ file: '<stdin>' }]);
});

t.test('weir check - - is a matter of usage', async (t) => {
  const { status, stdout, stderr } = await run(WEIR, ['check', '-', '-'], { input: configText() });
  t.match({ status, stdout }, { status: 64, stdout: '' });
  t.match(stderr, /^Standard input can be read only once$/m);
});

t.test('weir check of nothing is a matter of usage, however the parser came to it', async (t) => {
  await t.rejects(checkCommand.run({ files: [], json: false }), { name: 'UsageError' });
});
