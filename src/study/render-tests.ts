/** What came of policy tests: for people what failed, what was expected, what came instead and why; for programs all of it. */
import { formatPlace } from '#config/places.ts';
import type { HopAnswer } from './explain-hop.ts';
import type { TestReport, TestResult } from './policy-tests.ts';
import { ruleLines, rulesJson } from './render-explanation.ts';
import type { PolicyTest } from './test-schema.ts';
import { placeOfRule, type Tier } from './tier.ts';

/** Several lines, each ended: every test that failed, and how many there are. */
export function renderReport({ file, tier, results }: TestReport): string {
  const failed = results.filter(({ passed }) => !passed);
  const lines = failed.flatMap((result) => failureLines(result, tier));
  lines.push(`${file}: ${results.length - failed.length} passed, ${failed.length} failed`);
  return `${lines.join('\n')}\n`;
}

function failureLines({ test, place, answer }: TestResult, tier: Tier): string[] {
  return [
    `${formatPlace(place)}: failed: ${test.name.replaceAll(/\p{Cc}/gu, '?')}`,
    `  expected  ${expectedOf(test)}`,
    `  actual    ${actualOf(answer, tier)}`,
    ...ruleLines(tier, answer.trace).map((line) => `  ${line}`),
    '',
  ];
}

/** `deny by after-hours`, as far as the test says it. */
export function expectedOf({ expect: { verdict, rule } }: PolicyTest): string {
  return rule === undefined ? verdict : `${verdict} by ${rule ?? 'no rule'}`;
}

/** The same of what came, with the place of the rule. */
export function actualOf({ verdict, trace, error }: HopAnswer, tier: Tier): string {
  const { rule, outcomes } = trace;
  const by = rule === undefined ? 'no rule' : `${rule.name} at ${formatPlace(placeOfRule(tier, rule))}`;
  if (outcomes.length > 1 && verdict === 'needs-address')
    return `${verdict}: say it by "address" in the test`;
  // Where the rules allow, and still it does not pass.
  const isTold = error !== undefined && trace.verdict !== 'deny';
  return `${verdict} by ${by}${isTold ? `, reason ${error.reason}` : ''}`;
}

/** What `weir test --json` prints for one file. */
export function reportJson({ file, tier, results }: TestReport) {
  const failed = results.filter(({ passed }) => !passed).length;
  const tests = results.map((result) => resultJson(result, tier));
  return { file, policy: tier.file, passed: results.length - failed, failed, tests };
}

function resultJson({ test, place, passed, answer }: TestResult, tier: Tier): unknown {
  const { verdict, trace, error } = answer;
  const actual = {
    verdict,
    rule: trace.rule?.name ?? null,
    reason: error?.reason ?? null,
    trace: rulesJson(tier, trace),
  };
  return { name: test.name, line: place.line, column: place.column, passed, expected: test.expect, actual };
}
