import t, { type Test } from 'tap';
import { hashPassword } from '#identity/password-hash.ts';
import { runPolicyTests, type TestReport } from '#study/policy-tests.ts';
import { openTestTier } from '../../fixtures/tier.ts';

const BY_ADDRESS = { access: '[{ name: not-tls, deny: ["!tls"] }, { name: web, allow: [web] }]' };
const POD = 'from: { ip: 10.128.0.7 }';

async function run(t: Test, tests: readonly string[], keys = {}): Promise<TestReport | undefined> {
  const text = `tests:\n${tests.map((test) => `  - { name: x, ${test} }\n`).join('')}`;
  const tier = await openTestTier(t, keys, { 't.test.yaml': text });
  return runPolicyTests(tier.file, tier.config);
}

const ROWS: Readonly<Record<string, readonly [test: string, passed: boolean]>> = {
  'the verdict alone': ['target: "a.example:443", expect: { verdict: allow }', true],
  'verdict and rule': ['target: "a.example:443", expect: { verdict: allow, rule: pods }', true],
  'another verdict': ['target: "a.example:443", expect: { verdict: deny }', false],
  'another rule': ['target: "a.example:80", expect: { verdict: deny, rule: pods }', false],
  'no rule, where one denies': ['target: "a.example:80", expect: { verdict: deny, rule: null }', false],
  'a refusal by the guard, which stands under the rule': [
    'target: "a.example:443", address: 10.0.0.1, expect: { verdict: deny, rule: pods }',
    true,
  ],
};

for (const [what, [test, passed]] of Object.entries(ROWS)) {
  t.test(`runPolicyTests() ${passed ? 'passes' : 'fails'} ${what}`, async (t) => {
    t.match(await run(t, [`${POD}, ${test}`]), { results: [{ passed }] });
  });
}

t.test('runPolicyTests() tells no rule from several', async (t) => {
  const test = (ip: string): string =>
    `from: { ip: ${ip} }, target: "a.example:443", expect: { verdict: deny, rule: null }`;
  t.match(await run(t, [test('192.0.2.1')]), { results: [{ passed: true }] });
  const keys = {
    access: '[{ name: a, deny: [web] }, { name: b, deny: ["!web"] }, { name: c, allow: [all] }]',
  };
  t.match(await run(t, [test('10.128.0.7')], keys), {
    results: [{ passed: false, answer: { verdict: 'deny' } }],
  });
});

t.test('runPolicyTests() takes a wish for credentials for a denial by no rule', async (t) => {
  const hash = await hashPassword('s3cr3t', { logCost: 10, blockSize: 8, parallel: 1 });
  const keys = {
    auth: '{ usersFile: users }',
    acls: '{ known: { users: ["*"] } }',
    access: '[{ name: known, allow: [known] }]',
  };
  const tests = `tests:\n  - { name: x, ${POD}, target: "a.example:443", expect: { verdict: deny, rule: null } }\n`;
  const tier = await openTestTier(t, keys, { 't.test.yaml': tests, users: `alice:${hash}\n` });
  t.match(await runPolicyTests(tier.file, tier.config), {
    results: [{ passed: true, answer: { error: { reason: 'credentials_wanted' } } }],
  });
});

t.test('runPolicyTests() judges by the address that the test gives, or does not', async (t) => {
  const tests = [
    'target: "a.example:443", address: 20.1.2.3, expect: { verdict: allow, rule: web }',
    'target: "a.example:443", address: 30.1.2.3, expect: { verdict: deny, rule: null }',
    'target: "a.example:443", expect: { verdict: needs-address }',
    'target: "a.example:80", expect: { verdict: deny, rule: not-tls }',
  ];
  const report = await run(
    t,
    tests.map((test) => `${POD}, ${test}`),
    BY_ADDRESS,
  );
  t.same(
    report?.results.map(({ passed }) => passed),
    [true, true, true, true],
  );
});

t.test('runPolicyTests() asks by the first listener, or by that of the test', async (t) => {
  const keys = {
    acls: '{ main: { listeners: [main] } }',
    access: '[{ name: main, allow: [main] }]',
  };
  const test = (from: string, verdict: string): string =>
    `from: { ip: 10.128.0.7${from} }, target: "a.example:443", expect: { verdict: ${verdict} }`;
  const report = await run(t, [test('', 'allow'), test(', listener: side', 'deny')], keys);
  t.match(report, { results: [{ passed: true }, { passed: true }] });
});

t.test('runPolicyTests() has nothing to run where there is no file of tests', async (t) => {
  const { file, config } = await openTestTier(t);
  t.equal(await runPolicyTests(file, config), undefined);
});

t.test('runPolicyTests() complains of a file of tests that cannot be used', async (t) => {
  await t.rejects(run(t, ['target: x']), { name: 'ConfigError' });
});
