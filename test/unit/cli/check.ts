import { join } from 'node:path';
import t from 'tap';
import { checkCommand } from '#cli/check.ts';
import { WEIR } from '../../../scripts/lib/weir-process.ts';
import { configText } from '../../fixtures/config.ts';
import { run } from '../../fixtures/run.ts';
import { weir } from '../../fixtures/weir.ts';

t.setTimeout(120_000);

const EXAMPLES = join(import.meta.dirname, '../../../examples');

t.test('weir check tells of each good file what it holds, and finds nothing in the examples', async (t) => {
  for (const [name, summary] of [
    ['t1.yaml', 't1, 5 rules, 5 ACLs, 1 route'],
    ['t2.yaml', 't2, 4 rules, 3 ACLs, 1 route'],
  ] as const) {
    const { status, stdout, stderr } = await weir('check', join(EXAMPLES, name));
    t.equal(status, 0);
    t.equal(stderr, '');
    const [told = '', ...rest] = stdout.split('\n');
    t.ok(told.startsWith(`${join(EXAMPLES, name)}: ${summary}, rules `), told);
    t.match(told, / rules [0-9a-f]{64}, policy [0-9a-f]{64}$/);
    t.same(rest, [''], 'and nothing else');
  }
});

t.test('weir check finds nothing between the examples but the hours of the second', async (t) => {
  const files = ['t1.yaml', 't2.yaml'].map((name) => join(EXAMPLES, name));
  const { status, stdout } = await weir('check', ...files, '--json');
  t.equal(status, 0, 'which it says are meant');
  const found: { file: string; rule: string }[] = JSON.parse(stdout);
  t.same(
    found.map(({ file, rule }) => [file, rule]),
    [[files[1], 'after-hours']],
  );
});

t.test('weir check takes a file of tests for the policy beside it, once', async (t) => {
  const all = ['t1.test.yaml', 't1.yaml', 't2.test.yaml', 't2.yaml'].map((name) => join(EXAMPLES, name));
  const summaries = async (...files: string[]) => {
    const { stdout, stderr } = await weir('check', ...files);
    t.equal(stderr, '');
    return stdout.split('\n').filter((line) => /, policy \w{64}$|^t1 to t2/.test(line));
  };
  const [, t1 = '', t2Tests = '', t2 = ''] = all;
  const both = await summaries(...all);
  t.match(both, [`${t1}: t1, `, `${t2}: t2, `, 't1 to t2: all ']);
  t.equal(both.length, 3);
  t.same(await summaries(t2Tests), both.slice(1, 2));
  const cwd = t.testdir({ 'lone.test.yaml': 'tests: []' });
  const { status, stderr } = await run(WEIR, ['check', 'lone.test.yaml'], { cwd });
  t.equal(status, 78);
  t.match(stderr, /^lone\.yaml:1:1: Cannot read "lone\.yaml": no such file\. /);
});

t.test('weir check tells every problem of every file, and still of the good ones', async (t) => {
  const directory = t.testdir({
    'good.yaml': configText(),
    'bad.yaml': configText('adaptation: {}', 'dns: { minTtl: 5 }'),
  });
  const [good, bad, missing] = ['good.yaml', 'bad.yaml', 'missing.yaml'].map((name) => join(directory, name));
  const { status, stdout, stderr } = await weir('check', `${bad}`, `${good}`, `${missing}`);
  t.equal(status, 78);
  t.match(stdout, /^\S+\/good\.yaml: t1, 1 rule, 1 ACL, 1 route, rules [0-9a-f]{64}, policy [0-9a-f]{64}\n$/);
  const lines = stderr.trimEnd().split('\n');
  t.equal(lines.length, 3);
  t.ok(lines[0]?.startsWith(`${bad}:6:1: adaptation: Unknown key "adaptation". Use one of: `));
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
      code: 'configuration',
      level: 'error',
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
  t.match(good.stdout, /^<stdin>: t1, 1 rule, 1 ACL, 1 route, rules [0-9a-f]{64}, policy [0-9a-f]{64}\n$/);
  const bad = await run(WEIR, ['check', 'good.yaml', '-'], { cwd, input: configText('adaptation: {}') });
  t.equal(bad.status, 78);
  t.match(bad.stderr, /^<stdin>:6:1: adaptation: Unknown key "adaptation"\. /);
  t.match(bad.stdout, /^good\.yaml: t1, /);
  const empty = await run(WEIR, ['check', '--json', '-'], { cwd });
  t.equal(empty.status, 78, 'nothing is not good');
  t.match(JSON.parse(empty.stdout), [{ file: '<stdin>' }]);
});

/** Rules that a test is about, in a file of a tier that leads to a peer or out. */
function tier(name: string, acls: string, access: string): string {
  const [hop, route] =
    name === 't1' ? ['peers: { vm: { address: "vm:3128" } }', 'peers: [vm]'] : ['', 'direct: true'];
  return [
    `name: ${name}`,
    'listeners: [{ name: main, address: 127.0.0.1:3128 }]',
    `acls: { ${acls} }`,
    `access: [${access}]`,
    `routes: [{ name: out, ${route} }]`,
    hop,
  ].join('\n');
}

const TIERS = {
  't1.yaml': tier('t1', 'tls: { ports: [443] }', '{ name: tls, allow: [tls] }'),
  't2.yaml': tier(
    't2',
    'tls: { ports: [443] }, names: { dstDomains: [.a.com] }',
    '{ name: odd, deny: [names, "!tls"] }, { name: names, deny: [names] }, { name: tls, allow: [tls] }',
  ),
  'twice.yaml': tier(
    't3',
    'tls: { ports: [443, 443] }',
    '{ name: tls, allow: [tls] }, { name: more, allow: [tls] }',
  ),
  'warned.yaml': tier('t4', 'tls: { ports: [443, 443] }', '{ name: tls, allow: [tls] }'),
};

t.test(
  'weir check tells what it finds below the file, with a request, and exits 1 for errors alone',
  async (t) => {
    const cwd = t.testdir(TIERS);
    const { status, stdout, stderr } = await run(WEIR, ['check', 'twice.yaml'], { cwd });
    t.match({ status, stderr }, { status: 1, stderr: '' });
    const [summary, entry, rule, request, ...rest] = stdout.split('\n');
    t.match(summary, /^twice\.yaml: t3, 2 rules/);
    t.match(entry, /^twice\.yaml:3:29: warning: "443" of ACL "tls" .*\. Remove it \(redundant-entry\)$/);
    t.match(rule, /^twice\.yaml:4:47: error: No request gets to rule "more": .* \(unreachable-rule\)$/);
    t.match(
      request,
      /^ {4}for example: CONNECT elsewhere\.example:443 from 192\.0\.2\.1 on listener main at 20\S+Z$/,
    );
    t.same(rest, ['']);
    t.match(await run(WEIR, ['check', 'warned.yaml'], { cwd }), { status: 0, stdout: /redundant-entry/ });
    const { stdout: piped } = await run(WEIR, ['check', '-'], { cwd, input: TIERS['warned.yaml'] });
    t.match(piped, /^<stdin>:3:29: warning: /m, 'with its place in standard input');
  },
);

t.test('weir check of two tiers proves, or shows, or says that it cannot', async (t) => {
  const cwd = t.testdir(TIERS);
  const lost = await run(WEIR, ['check', 't1.yaml', 't2.yaml'], { cwd });
  t.equal(lost.status, 1);
  t.match(lost.stdout, /^t2\.yaml:1:1: error: Cannot prove .*\(cannot-prove\)$/m);
  const shown = await run(WEIR, ['check', 't1.yaml', 't2.yaml', '--via', '10.0.0.0/8, 192.0.2.0/24'], {
    cwd,
  });
  t.equal(shown.status, 1);
  t.match(shown.stdout, /^t1 to t2: not all/m);
  t.match(
    shown.stdout,
    /^t2\.yaml:4:56: error: Rule "names" of tier 2 refuses .*\n {4}for example: CONNECT .*a\.com:443 /m,
  );
  const proven = await run(WEIR, ['check', 't1.yaml', 'warned.yaml', '--via', '10.0.0.0/8'], { cwd });
  t.equal(proven.status, 0);
  t.match(proven.stdout, /^t1 to t4: all that the first sends is allowed by the second$/m);
  const apart = await run(WEIR, ['check', 'warned.yaml', 't2.yaml'], { cwd });
  t.match(apart.stdout, /^t4 to t2: not compared, no route of t4 leads to a peer$/m);
});

t.test('weir check of three tiers looks at each hop, unless they are to be looked at alone', async (t) => {
  const cwd = t.testdir({
    ...TIERS,
    't2.yaml': `${tier('t1', 'tls: { ports: [443] }, t1: { src: [10.0.0.0/8] }', '{ name: tls, allow: [tls] }').replace('name: t1', 'name: t2')}\nhop: { trust: { from: [t1] } }`,
  });
  const all = ['t1.yaml', 't2.yaml', 'warned.yaml'];
  const { status, stdout } = await run(WEIR, ['check', ...all], { cwd });
  t.equal(status, 1);
  t.match(stdout, /^t1 to t2: all that the first sends is allowed by the second$/m);
  t.match(
    stdout,
    /^t2 to t4: not all .*\n.*where tier 3 sees tier 2 come from.* in tier 3, or .*--via CIDR \(cannot-prove\)$/m,
  );
  const alone = await run(WEIR, ['check', '--alone', ...all], { cwd });
  t.equal(alone.status, 0);
  t.notMatch(alone.stdout, / to /);
  const odd = await run(WEIR, ['check', ...all, '--via', '10.0.0.0/8'], { cwd });
  t.match(odd, { status: 64, stderr: /^Option --via is for two files/m });
});

t.test('weir check --sarif prints one log, whatever was found', async (t) => {
  const cwd = t.testdir({ ...TIERS, 'bad.yaml': configText('adaptation: {}') });
  const { status, stdout, stderr } = await run(WEIR, ['check', '--sarif', 'twice.yaml', 'bad.yaml'], { cwd });
  t.match({ status, stderr }, { status: 78, stderr: '' });
  const [first] = JSON.parse(stdout).runs;
  t.same(
    first.results.map(({ ruleId }: { ruleId: string }) => ruleId),
    ['configuration', 'redundant-entry', 'unreachable-rule'],
  );
});

t.test('weir check says which options do not go together', async (t) => {
  const cwd = t.testdir(TIERS);
  const wrong = async (...args: string[]) => (await run(WEIR, ['check', 't1.yaml', ...args], { cwd })).stderr;
  t.match(await wrong('--json', '--sarif'), /^Give one of --json and --sarif$/m);
  t.match(await wrong('--via', '10.0.0.0/8'), /^Option --via is for two files/m);
  t.match(await wrong('t2.yaml', '--alone', '--via', '10.0.0.0/8'), /^Give one of --alone and --via, /m);
  t.match(
    await wrong('t2.yaml', '--via', '10.0.0.1/8'),
    /^Option --via: Network "10\.0\.0\.1\/8" has host bits set/m,
  );
});

t.test('weir check - - is a matter of usage', async (t) => {
  const { status, stdout, stderr } = await run(WEIR, ['check', '-', '-'], { input: configText() });
  t.match({ status, stdout }, { status: 64, stdout: '' });
  t.match(stderr, /^Standard input can be read only once$/m);
});

t.test('weir check of nothing is a matter of usage, however the parser came to it', async (t) => {
  const nothing = { files: [], alone: false, json: false, sarif: false, via: undefined };
  await t.rejects(checkCommand.run({ ...nothing, 'without-secrets': false }), { name: 'UsageError' });
});
