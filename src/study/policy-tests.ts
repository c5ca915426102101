/** Runs the policy tests that stand beside a configuration file: each asks one question, and compares what the hop says. */
import { access } from 'node:fs/promises';
import type { Config } from '#config/config.ts';
import { explainHop, type HopAnswer } from './explain-hop.ts';
import { type PlacedTest, readTests, testFileOf } from './test-file.ts';
import type { PolicyTest } from './test-schema.ts';
import { type Tier, tierOf } from './tier.ts';
import { askedOf } from './who-asks.ts';

/** What came of one test. */
export interface TestResult extends PlacedTest {
  readonly passed: boolean;
  readonly answer: HopAnswer;
}

/** What came of the tests in one file. */
export interface TestReport {
  readonly file: string;
  readonly tier: Tier;
  readonly results: readonly TestResult[];
}

/**
 * Runs the tests beside a configuration that was loaded from `policyFile`; undefined where there are none.
 * @throws {ConfigError} where the file of the tests cannot be used
 */
export async function runPolicyTests(policyFile: string, config: Config): Promise<TestReport | undefined> {
  const file = testFileOf(policyFile);
  if (!(await exists(file))) return undefined;
  return runTestFile(file, await tierOf(policyFile, config));
}

/**
 * Runs the tests in a file against one configuration.
 * @throws {ConfigError} where the file of the tests cannot be used
 */
export async function runTestFile(file: string, tier: Tier): Promise<TestReport> {
  const results: TestResult[] = [];
  for (const placed of await readTests(file, tier)) results.push(await runTest(placed, tier));
  return { file, tier, results };
}

async function runTest(placed: PlacedTest, tier: Tier): Promise<TestResult> {
  const { from, target, method, headers, at, address, expect } = placed.test;
  const { subject } = askedOf(tier, { ...from, ip: from.ip.text, target, method, headers, at });
  const answer = await explainHop({ tier, subject, names: address ?? 'unknown' });
  return { ...placed, passed: isExpected(answer, expect), answer };
}

/** What a hop answers where no rule has decided: the second where somebody who says who it is might be allowed. */
const BY_NO_RULE: ReadonlySet<string> = new Set(['no_rule_matched', 'credentials_wanted']);

/** Whether the verdict is the one expected, and the rule, where one is. */
function isExpected({ verdict, trace, error }: HopAnswer, expect: PolicyTest['expect']): boolean {
  if (verdict !== expect.verdict) return false;
  if (expect.rule === undefined) return true;
  // No rule is not the same as several, of which an address chooses.
  if (expect.rule === null)
    return error !== undefined && BY_NO_RULE.has(error.reason) && trace.rule === undefined;
  return trace.rule?.name === expect.rule;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
