/** The policy tests that fail, as problems of the file that they stand in: what `weir check` tells of them. */
import type { Config } from '#config/config.ts';
import type { Problem } from '#config/problems.ts';
import { runPolicyTests, type TestResult } from './policy-tests.ts';
import { actualOf, expectedOf } from './render-tests.ts';
import type { Tier } from './tier.ts';

/**
 * Runs the tests beside a configuration that was loaded from `policyFile`; none fails where there are none.
 * @throws {ConfigError} where the file of the tests cannot be used
 */
export async function failedTests(policyFile: string, config: Config): Promise<readonly Problem[]> {
  const report = await runPolicyTests(policyFile, config);
  return report?.results.flatMap((result) => (result.passed ? [] : problemOf(result, report.tier))) ?? [];
}

function problemOf({ test, place, answer }: TestResult, tier: Tier): Problem {
  return {
    ...place,
    path: '',
    message: `Test "${test.name}" failed: expected ${expectedOf(test)}, found ${actualOf(answer, tier)}`,
    value: undefined,
    fix: 'Mend the policy or the test; weir test says why',
  };
}
