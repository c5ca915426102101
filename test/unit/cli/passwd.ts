import t from 'tap';
import { isPassword, parsePasswordHash } from '#identity/password-hash.ts';
import { parseUserLine } from '#identity/users.ts';
import { WEIR } from '../../../scripts/lib/weir-process.ts';
import { run } from '../../fixtures/run.ts';

const passwd = (input: string, ...args: readonly string[]) => run(WEIR, ['passwd', ...args], { input });

t.test('weir passwd prints a line for the users file, the password being on standard input', async (t) => {
  const { status, stdout, stderr } = await passwd('pässword\nmore\n', 'alice');
  t.same([status, stderr], [0, '']);
  const { name, hash } = parseUserLine(stdout.trimEnd());
  t.equal(name, 'alice');
  t.equal(await isPassword('pässword', parsePasswordHash(hash)), true);
});

const FAULTS: Readonly<Record<string, readonly [input: string, args: readonly string[], stderr: RegExp]>> = {
  'no password': ['\n', ['alice'], /^The password is empty: give one\n/],
  'nothing at all': ['', ['alice'], /^The password is empty: give one\n/],
  'a password that is too long': [
    'x'.repeat(5000),
    ['alice'],
    /^The password is too long: give at most 1024 bytes\n/,
  ],
  'a password with control characters': ['a\tb\n', ['alice'], /^The password has control characters/],
  'a name that is none': ['secret\n', ['a:b'], /^User "a:b" cannot be a name/],
  'a name that would be a comment': ['secret\n', ['#alice'], /^User "#alice" cannot be a name/],
  'no name': ['secret\n', [], /^Missing argument: user, as in "weir passwd <user>"$/m],
};

for (const [what, [input, args, stderr]] of Object.entries(FAULTS)) {
  t.test(`weir passwd exits 64 for ${what}`, async (t) => {
    const ended = await passwd(input, ...args);
    t.match(ended, { status: 64, stdout: '', stderr });
    t.notMatch(ended.stderr, 'secret');
  });
}
