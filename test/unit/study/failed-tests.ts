import t from 'tap';
import { failedTests } from '#study/failed-tests.ts';
import { formatFinding } from '#study/lint/finding.ts';
import { openTestTier } from '../../fixtures/tier.ts';

const TESTS = `tests:
  - { name: good, from: { ip: 10.128.0.7 }, target: "a.example:443", expect: { verdict: allow } }
  - { name: bad, from: { ip: 10.128.0.7 }, target: "a.example:80", expect: { verdict: allow, rule: pods } }
`;

t.test('failedTests() tells the tests that fail as findings in their file', async (t) => {
  const { file, config } = await openTestTier(t, {}, { 't.test.yaml': TESTS });
  t.same((await failedTests(file, config)).map(formatFinding), [
    `${file.replace('.yaml', '.test.yaml')}:3:5: error: Test "bad" failed: expected allow by pods, found deny by not-tls at ${file}:4:10. Mend the policy or the test; weir test says why (failed-test)`,
  ]);
});

t.test('failedTests() finds nothing wrong where there are no tests', async (t) => {
  const { file, config } = await openTestTier(t);
  t.same(await failedTests(file, config), []);
});
