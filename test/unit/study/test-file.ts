import { join } from 'node:path';
import t, { type Test } from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { isTestFile, policyFileOf, readTests, testFileOf } from '#study/test-file.ts';
import { complaints } from '../../fixtures/config.ts';
import { openTestTier } from '../../fixtures/tier.ts';

const NAMES: readonly [policy: string, tests: string][] = [
  ['t1.yaml', 't1.test.yaml'],
  ['/etc/weir/t1.yml', '/etc/weir/t1.test.yml'],
];

for (const [policy, tests] of NAMES) {
  t.test(`the tests of ${policy} are in ${tests}`, async (t) => {
    t.equal(testFileOf(policy), tests);
    t.equal(policyFileOf(tests), policy);
    t.ok(isTestFile(tests));
    t.notOk(isTestFile(policy));
  });
}

t.test('the tests of a file of another kind of name are in YAML too', async (t) => {
  t.equal(testFileOf('policy'), 'policy.test.yaml');
});

async function read(t: Test, text: string) {
  const tier = await openTestTier(t, {}, { 't.test.yaml': text });
  const file = testFileOf(tier.file);
  return { file, reading: readTests(file, tier) };
}

const GOOD = `tests:
  - name: pods
    from: { ip: 10.128.0.7, listener: side, namespace: api, podLabels: { app: api }, namespaceLabels: { team: a } }
    target: http://a.example:443/
    method: POST
    headers: { User-Agent: curl }
    at: 2026-11-23T10:00+08:00
    address: 20.1.2.3
    expect: { verdict: allow, rule: pods }
  - { name: b, from: { ip: "::1" }, target: "a.example:80", expect: { verdict: deny, rule: null } }
`;

t.test('readTests() reads tests with their places', async (t) => {
  const { file, reading } = await read(t, GOOD);
  const [first, second] = await reading;
  t.match(first, {
    place: { file, line: 2, column: 5 },
    test: {
      name: 'pods',
      from: { ip: { text: '10.128.0.7' } },
      at: Date.UTC(2026, 10, 23, 2),
      address: { text: '20.1.2.3' },
    },
  });
  t.match(second, { place: { line: 10, column: 5 }, test: { expect: { rule: null } } });
});

/** By what is wrong: text that is replaced in a good file, what by, and what is said. */
const BAD: Readonly<Record<string, readonly [from: string, to: string, ...complaints: string[]]>> = {
  'a rule that the policy does not have': [
    'rule: pods',
    'rule: pod',
    ':9:37: tests[0].expect.rule: Rule "pod" is not in the policy (value "pod"). Write "pods"',
  ],
  'a rule that is like none': [
    'rule: pods',
    'rule: microsoft-login',
    ':9:37: tests[0].expect.rule: Rule "microsoft-login" is not in the policy (value "microsoft-login"). Use one of: not-tls, pods',
  ],
  'a listener that the policy does not have': [
    'listener: side',
    'listener: sid',
    ':3:39: tests[0].from.listener: Listener "sid" is not in the policy (value "sid"). Write "side"',
  ],
  'a user where there is none': [
    'namespace: api',
    'user: ada',
    ':3:51: tests[0].from.user: User "ada" is unknown, for the policy has no auth (value "ada"). Leave it out: whoever is not known is as good as nobody',
  ],
  'a target that nobody can ask for': [
    'target: "a.example:80"',
    'target: "a.example"',
    ':10:45: tests[1].target: Target "a.example" cannot be asked for by CONNECT (value "a.example"). Write host:port for a CONNECT, such as "example.com:443", or else an absolute http:// URL',
  ],
  'a client that is no address': [
    'ip: "::1"',
    'ip: here',
    ':10:28: tests[1].from.ip: Address "here" cannot be read (value "here"). Write one such as "10.128.0.7"',
  ],
  'a time without an offset': [
    '10:00+08:00',
    '10:00',
    ':7:9: tests[0].at: Time "2026-11-23T10:00" cannot be read (value "2026-11-23T10:00"). Write a time or date with its zone such as "2026-12-31T18:00+08:00" or "2026-12-31Z"',
  ],
  'a key that is not known': [
    'method: POST',
    'methods: POST',
    ':5:5: tests[0].methods: Unknown key "methods". Write "method"',
  ],
  'a key that is missing': [
    'name: b, ',
    '',
    ':10:5: tests[1].name: Key "name" is missing. Add for example name: api pods log in at Microsoft',
  ],
  'a verdict that is none': [
    'verdict: allow',
    'verdict: alow',
    ':9:24: tests[0].expect.verdict: Only allow, deny, needs-address can stand here (value "alow"). Write allow',
  ],
  'what is no YAML': ['tests:', 'tests: [', ''],
};

for (const [what, [from, to, ...expected]] of Object.entries(BAD)) {
  t.test(`readTests() refuses ${what}`, async (t) => {
    t.ok(GOOD.includes(from));
    const { file, reading } = await read(t, GOOD.replace(from, to));
    const found = await complaints(reading);
    t.ok(found.length > 0);
    if (expected[0] !== '')
      t.same(
        found,
        expected.map((line) => `${file}${line}`),
      );
  });
}

t.test('readTests() refuses a user whom the users file does not have, and no other', async (t) => {
  const hash = await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 });
  const by = (user: string) =>
    `  - { name: x, from: { ip: "::1", user: ${user} }, target: "a.example:443", expect: { verdict: deny } }\n`;
  const tests = `tests:\n${by('alice')}${by('alise')}${by('mallory')}`;
  const besides = { 't.test.yaml': tests, users: `alice:${hash}\n` };
  const tier = await openTestTier(t, { auth: '{ usersFile: users }' }, besides);
  const file = testFileOf(tier.file);
  t.same(await complaints(readTests(file, tier)), [
    `${file}:3:41: tests[1].from.user: User "alise" is not in auth.usersFile (value "alise"). Write "alice"`,
    `${file}:4:41: tests[2].from.user: User "mallory" is not in auth.usersFile (value "mallory"). Leave it out: whoever is not known is as good as nobody`,
  ]);
});

t.test('readTests() refuses a file without tests, and one that is not there', async (t) => {
  const { file, reading } = await read(t, 'tests: []\n');
  t.match(await complaints(reading), [
    /^.*:1:8: tests: The list is empty \(value \[\]\)\. Write for example tests: /,
  ]);
  t.ok(file);
  const tier = await openTestTier(t);
  const gone = join(t.testdirName, 'gone.test.yaml');
  t.same(await complaints(readTests(gone, tier)), [
    `${gone}:1:1: Cannot read "${gone}": no such file. Write the tests of a policy beside it: those of t1.yaml are in t1.test.yaml`,
  ]);
});
