import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { WEIR } from '../../../scripts/lib/weir-process.ts';
import { run } from '../../fixtures/run.ts';
import { weir } from '../../fixtures/weir.ts';

const CLEAN = 'http_port 3128\nacl net src 10.0.0.0/8\nhttp_access allow net\nhttp_access deny all\n';

t.test('weir import prints the configuration, and the report on standard error', async (t) => {
  const file = join(t.testdir({ 'squid.conf': CLEAN }), 'squid.conf');
  const { status, stdout, stderr } = await weir('import', file);
  t.equal(status, 0);
  t.match(stdout, /^# From .*\nname: weir\nlisteners:\n/);
  t.match(stderr, /^Same\n {2}.*squid\.conf:1: http_port 3128: Listener "main"[\s\S]*0 dangerous, 0 error/);
});

t.test('weir import -o writes a file that weir check takes, and does not replace one unasked', async (t) => {
  const folder = t.testdir({ 'squid.conf': CLEAN });
  const [file, output] = [join(folder, 'squid.conf'), join(folder, 't.yaml')];
  const { status, stdout, stderr } = await weir('import', file, '-o', output);
  t.match({ status, stderr }, { status: 0, stderr: '' });
  t.match(stdout, /0 dangerous/, 'the report is the result');
  t.equal((await weir('check', output)).status, 0);
  const again = await weir('import', file, '-o', output);
  t.equal(again.status, 64);
  t.match(again.stderr, /^Cannot write ".*t\.yaml": it exists\. Use --force to replace it$/m);
  t.equal((await weir('import', file, '-o', output, '--force')).status, 0);
  t.match(readFileSync(output, 'utf8'), 'name: weir');
});

t.test(
  'weir import --json prints both for a program, and exits 1 where something is dangerous',
  async (t) => {
    const folder = t.testdir({
      'squid.conf': 'http_port 3128\nacl x time M 09:00-10:00\nhttp_access deny x\n',
    });
    const file = join(folder, 'squid.conf');
    const { status, stdout, stderr } = await weir('import', file, '--json', '--time-zone', 'Asia/Shanghai');
    t.match({ status, stderr }, { status: 1, stderr: '' });
    const { configuration, findings, counts } = JSON.parse(stdout);
    t.match(configuration, 'timeZone: Asia/Shanghai');
    t.match(findings.at(-1), { file, line: 3, directive: 'http_access deny x', verdict: 'dangerous' });
    t.match(counts, { dangerous: 1, error: 0 });
  },
);

t.test('weir import - reads standard input, with includes from the working directory', async (t) => {
  const folder = t.testdir({ 'net.conf': 'acl net src 10.0.0.0/8\n' });
  const conf = 'include net.conf\nhttp_access allow net\nhttp_access deny all\n';
  const { status, stdout, stderr } = await run('sh', [
    '-c',
    'cd "$1" && printf %s "$2" | "$0" import -',
    WEIR,
    folder,
    conf,
  ]);
  t.equal(status, 0, stderr);
  t.match(stdout, /^# From <stdin>, by weir import[\s\S]*net: \{ src: \[10\.0\.0\.0\/8\] \}/);
  t.match(stderr, /^ {2}<stdin>:2: http_access allow net: Rule "allow-net"$/m);
});

t.test('weir import says what it cannot do', async (t) => {
  const folder = t.testdir({ 'squid.conf': CLEAN, 'empty.conf': '' });
  const empty = await weir('import', join(folder, 'empty.conf'));
  t.match(empty, { status: 78, stdout: '', stderr: /empty\.conf:1:1: .*this is no squid\.conf/ });
  const nowhere = await weir('import', join(folder, 'squid.conf'), '-o', join(folder, 'none', 'x.yaml'));
  t.match(nowhere, { status: 64, stderr: /^Cannot write ".*x\.yaml": no such folder$/m });
  const missing = await weir('import', join(folder, 'gone.conf'));
  t.equal(missing.status, 78);
  t.match(
    missing.stderr,
    /gone\.conf:1:1: Cannot read .*: no such file\. Name a squid\.conf that can be read/,
  );
  const zone = await weir('import', join(folder, 'squid.conf'), '--time-zone', 'Mars/Base');
  t.match(zone, { status: 64, stdout: '', stderr: /^Time zone "Mars\/Base" is not known/ });
});

const USERS = [
  'http_port 3128',
  'auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/hunter2',
  'acl known proxy_auth REQUIRED',
  'http_access allow known',
  'http_access deny all',
  '',
].join('\n');

t.test('weir import -o writes a users file of nobody beside it, and never replaces one', async (t) => {
  const folder = t.testdir({ 'squid.conf': USERS });
  const [file, output] = [join(folder, 'squid.conf'), join(folder, 't.yaml')];
  const { status, stdout } = await weir('import', file, '-o', output);
  t.equal(status, 0);
  t.match(stdout, /weir passwd NAME >> users\.txt/);
  t.notMatch(stdout + readFileSync(output, 'utf8'), 'hunter2');
  const users = join(folder, 'users.txt');
  t.match(readFileSync(users, 'utf8'), /^# [^\n]+\n# [^\n]+\nnobody:\$?[^\n]+\n$/);
  t.equal(statSync(users).mode & 0o777, 0o600);
  t.equal((await weir('check', output)).status, 0);
  const mine = `${readFileSync(users, 'utf8')}# mine\n`;
  writeFileSync(users, mine);
  t.equal((await weir('import', file, '-o', output, '--force')).status, 0);
  t.equal(readFileSync(users, 'utf8'), mine);
  writeFileSync(users, 'alice:plain\n');
  t.match(await weir('import', file, '-o', output, '--force'), { status: 78, stderr: /users\.txt:1:1/ });
});

t.test('weir import prints a configuration with users, though it writes no file', async (t) => {
  const folder = t.testdir({ 'squid.conf': USERS });
  const { status, stdout } = await weir('import', join(folder, 'squid.conf'));
  t.equal(status, 0);
  t.match(stdout, /^auth: \{ usersFile: users\.txt \}$/m);
  t.same(readdirSync(folder), ['squid.conf']);
});
