/** The policy tests that fail, as findings in the file that they stand in: what `weir check` tells of them. */
import type { Config } from '#config/config.ts';
import { FINDINGS, type Finding } from './lint/finding.ts';
import { runPolicyTests, type TestResult } from './policy-tests.ts';
import { actualOf, expectedOf } from './render-tests.ts';
import type { Tier } from './tier.ts';

/**
 * Runs the tests beside a configuration that was loaded from `policyFile`; none fails where there are none.
 * @throws {ConfigError} where the file of the tests cannot be used
 */
export async function failedTests(policyFile: string, config: Config): Promise<readonly Finding[]> {
  const report = await runPolicyTests(policyFile, config);
  return report?.results.flatMap((result) => (result.passed ? [] : findingOf(result, report.tier))) ?? [];
}

function findingOf({ test, place, answer }: TestResult, tier: Tier): Finding {
  return {
    ...place,
    code: 'failed-test',
    level: FINDINGS['failed-test'].level,
    path: '',
    message: `Test "${test.name}" failed: expected ${expectedOf(test)}, found ${actualOf(answer, tier)}`,
    fix: 'Mend the policy or the test; weir test says why',
  };
}
