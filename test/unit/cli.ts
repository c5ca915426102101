import t from 'tap';
import packageJson from '../../package.json' with { type: 'json' };
import { weir } from '../fixtures/weir.ts';

t.setTimeout(120_000);

const COMMANDS = ['run', 'check', 'schema', 'health', 'import'];

t.test('weir --help names every command and the exit codes, and exits 0', async (t) => {
  const { status, stdout, stderr } = await weir('--help');
  t.equal(status, 0);
  t.equal(stderr, '');
  for (const command of COMMANDS) t.match(stdout, new RegExp(`^  weir ${command}\\b`, 'm'));
  t.match(stdout, 'Exit codes: 0 done');
});

for (const command of COMMANDS) {
  t.test(`weir ${command} --help shows examples, and exits 0`, async (t) => {
    const { status, stdout } = await weir(command, '--help');
    t.equal(status, 0);
    t.match(stdout, new RegExp(`^Examples:\n  weir ${command}\\b`, 'm'));
  });
}

t.test('weir run --help tells of signals and exit codes', async (t) => {
  const { stdout } = await weir('run', '--help');
  for (const signal of ['TERM', 'INT', 'HUP', 'USR2'])
    t.match(stdout, new RegExp(`^  .*\\b${signal}\\b`, 'm'));
  t.match(
    stdout.replaceAll(/\s+/g, ' '),
    'Exit codes: 0 drained and done, 64 usage, 69 cannot bind, 75 drain cut short, 78',
  );
});

t.test('weir --version is that of the package', async (t) => {
  const stdout = `${packageJson.version} (sources, Node ${process.versions.node})\n`;
  t.match(await weir('--version'), { status: 0, stdout, stderr: '' });
});

/** Commands that have a help of their own. */
const HELPED = /^(?:run|check|schema|explain|import)$/;

const MISTAKES: Readonly<Record<string, readonly [args: readonly string[], hint: RegExp]>> = {
  'no command': [[], /^Name a command$/m],
  'a command that is nearly one': [['chekc'], /^Did you mean check\?$/m],
  'a command that is none': [['frobnicate'], /^Unknown argument: frobnicate$/m],
  'an option that is none': [['schema', '--pretty'], /^Unknown argument: pretty$/m],
  'an option that swallows an argument': [
    ['explain', '-c', 't1.yaml', '--src', '127.0.0.1', '--json', '--bogus', 'a.com:443'],
    /^Unknown argument: bogus$/m,
  ],
  'an option that is nearly one': [
    ['import', '--timezone', 'UTC', 'squid.conf'],
    /^Unknown argument: timezone\nDid you mean --time-zone\?$/m,
  ],
  'an argument too many': [['run', 'extra'], /^Unknown argument: extra$/m],
  'standard input where none is read': [['run', '-'], /^Unknown argument: <stdin>$/m],
  'an argument too few': [['check'], /^Missing argument: files, as in "weir check <files..>"$/m],
  'an option without its value': [['run', '-c'], /^Not enough arguments following: c$/m],
  'an option with an empty value': [['run', '-c', ''], /^An option has an empty value/m],
  'an option twice': [['run', '-c', 'a', '-c', 'b'], /^Only one of a and b can be given$/m],
};

for (const [what, [args, hint]] of Object.entries(MISTAKES)) {
  t.test(`${what} is a matter of usage: exit code 64, and a hint on standard error`, async (t) => {
    const { status, stdout, stderr } = await weir(...args);
    t.equal(status, 64);
    t.equal(stdout, '');
    t.match(stderr, hint);
    const help = HELPED.test(args[0] ?? '') ? `weir ${args[0]} --help` : 'weir --help';
    t.match(stderr, `\nSee "${help}"\n`);
  });
}
