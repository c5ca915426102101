import t from 'tap';
import {
  ConfigError,
  formatPath,
  formatProblem,
  type Path,
  type Problem,
  showValue,
  splitComplaint,
} from '#config/problems.ts';

const PROBLEM: Problem = {
  file: 't1.yaml',
  line: 12,
  column: 9,
  path: 'acls.localnet.src[0]',
  message: 'Network "10.1.2.3/8" has host bits set',
  value: '"10.1.2.3/8"',
  fix: 'Write "10.0.0.0/8"',
};
const LINE =
  't1.yaml:12:9: acls.localnet.src[0]: Network "10.1.2.3/8" has host bits set (value "10.1.2.3/8"). Write "10.0.0.0/8"';

t.test('formatProblem() is one line with place, value and fix', async (t) => {
  t.equal(formatProblem(PROBLEM), LINE);
});

t.test('formatProblem() leaves out what there is not', async (t) => {
  t.equal(
    formatProblem({ ...PROBLEM, path: '', value: undefined }),
    't1.yaml:12:9: Network "10.1.2.3/8" has host bits set. Write "10.0.0.0/8"',
  );
});

t.test('formatProblem() is one line whatever the message quotes', async (t) => {
  const line = formatProblem({ ...PROBLEM, path: '', value: undefined, message: 'Duration "\u001b[31m\n"' });
  t.equal(line, 't1.yaml:12:9: Duration "?[31m?". Write "10.0.0.0/8"');
});

t.test('ConfigError carries every problem', async (t) => {
  const error = new ConfigError([PROBLEM, PROBLEM]);
  t.equal(error.message, `${LINE}\n${LINE}`);
  t.equal(error.name, 'ConfigError');
  t.equal(error.problems.length, 2);
});

const PATHS: readonly [path: Path, text: string][] = [
  [[], ''],
  [['access', 2, 'allow', 0], 'access[2].allow[0]'],
  [['peers', 'vm-a', 'address'], 'peers.vm-a.address'],
  [['dns', 'hosts', 'a.b'], 'dns.hosts["a.b"]'],
  [['dns', 'hosts', ''], 'dns.hosts[""]'],
  [['a b'], '["a b"]'],
];

for (const [path, text] of PATHS) {
  t.test(`formatPath() of ${JSON.stringify(path)} is ${text || 'nothing'}`, async (t) => {
    t.equal(formatPath(path), text);
  });
}

t.test('splitComplaint() makes the cure a sentence of its own', async (t) => {
  t.same(splitComplaint('Network "a, write b" has host bits set, write "c"'), {
    message: 'Network "a, write b" has host bits set',
    fix: 'Write "c"',
  });
  t.same(splitComplaint('Something, somehow'), { message: 'Something, somehow', fix: undefined });
});

const SHOWN: readonly [text: string, shown: string, why: string][] = [
  ['  a\n  b\t c ', 'a b c', 'one line'],
  ['"\u001b[31m\u009b"', '"?[31m?"', 'no control characters'],
  ['x'.repeat(60), 'x'.repeat(60), 'not longer than it may be'],
  ['x'.repeat(61), `${'x'.repeat(60)}…`, 'cut where longer'],
];

for (const [text, shown, why] of SHOWN) {
  t.test(`showValue() gives ${why}`, async (t) => {
    t.equal(showValue(text), shown);
  });
}

// Attacks: secrets.
t.test('showValue() shows no user information of a URL', async (t) => {
  t.equal(showValue('rediss://t1:s3cr3t@redis.example:6379'), 'rediss://…@redis.example:6379');
  t.equal(showValue('"redis://:s3/cr@3t@h" x'), '"redis://…@h" x');
  t.equal(showValue('login@h //h'), 'login@h //h');
});
