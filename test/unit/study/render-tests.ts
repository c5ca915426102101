import t, { type Test } from 'tap';
import { runPolicyTests, type TestReport } from '#study/policy-tests.ts';
import { renderReport, reportJson } from '#study/render-tests.ts';
import { openTestTier } from '../../fixtures/tier.ts';

async function report(t: Test, tests: readonly string[], keys = {}): Promise<TestReport> {
  const text = tests.map((test) => `  - { name: x, from: { ip: 10.128.0.7 }, ${test} }\n`).join('');
  const tier = await openTestTier(t, keys, { 't.test.yaml': `tests:\n${text}` });
  const done = await runPolicyTests(tier.file, tier.config);
  if (done === undefined) throw new Error('nothing was run');
  return done;
}

function lines(found: TestReport): string[] {
  return renderReport(found)
    .replaceAll(/[^ \n]*\/(?=t\.)/g, '')
    .split('\n');
}

t.test('renderReport() shows what failed, what was expected, what came, and why', async (t) => {
  const found = await report(t, [
    'target: "a.example:443", expect: { verdict: allow }',
    'target: "a.example:80", expect: { verdict: allow, rule: pods }',
  ]);
  t.same(lines(found), [
    't.test.yaml:3:5: failed: x',
    '  expected  allow by pods',
    '  actual    deny by not-tls at t.yaml:4:10',
    '    yes deny  not-tls  t.yaml:4:10  !tls: port 80 is not in tls',
    '    -   allow pods     t.yaml:4:45  not reached: not-tls decides before',
    '',
    't.test.yaml: 1 passed, 1 failed',
    '',
  ]);
});

const ACTUAL: Readonly<
  Record<string, readonly [test: string, keys: object, expected: string, actual: string]>
> = {
  'no rule': [
    'target: "a.example:443", expect: { verdict: allow }',
    { access: '[{ name: never, allow: ["!pods"] }]' },
    'allow',
    'deny by no rule',
  ],
  'that no rule was expected': [
    'target: "a.example:80", expect: { verdict: deny, rule: null }',
    {},
    'deny by no rule',
    'deny by not-tls at t.yaml:4:10',
  ],
  'a refusal beside the rules, with its reason': [
    'target: "a.example:443", address: 10.0.0.1, expect: { verdict: allow }',
    {},
    'allow',
    'deny by pods at t.yaml:4:45, reason address_prohibited',
  ],
  'that an address is wanting': [
    'target: "a.example:443", expect: { verdict: allow }',
    { access: '[{ name: web, allow: [web] }]' },
    'allow',
    'needs-address: say it by "address" in the test',
  ],
};

for (const [what, [test, keys, expected, actual]] of Object.entries(ACTUAL)) {
  t.test(`renderReport() tells ${what}`, async (t) => {
    t.same(lines(await report(t, [test], keys)).slice(1, 3), [
      `  expected  ${expected}`,
      `  actual    ${actual}`,
    ]);
  });
}

t.test('reportJson() has no rule where none decides', async (t) => {
  const test = 'target: "a.example:443", expect: { verdict: deny, rule: null }';
  const found = await report(t, [test], { access: '[{ name: never, allow: ["!pods"] }]' });
  t.match(reportJson(found), {
    tests: [{ passed: true, actual: { rule: null, reason: 'no_rule_matched' } }],
  });
});

t.test('reportJson() has every test with what came of it', async (t) => {
  const found = await report(t, [
    'target: "a.example:443", expect: { verdict: allow }',
    'target: "a.example:443", address: 10.0.0.1, expect: { verdict: allow, rule: pods }',
  ]);
  t.match(reportJson(found), {
    file: found.file,
    policy: found.tier.file,
    passed: 1,
    failed: 1,
    tests: [
      {
        name: 'x',
        line: 2,
        column: 5,
        passed: true,
        expected: { verdict: 'allow' },
        actual: { verdict: 'allow', rule: 'pods', reason: null },
      },
      {
        passed: false,
        actual: {
          verdict: 'deny',
          rule: 'pods',
          reason: 'address_prohibited',
          trace: [{ rule: 'not-tls' }, {}],
        },
      },
    ],
  });
});
