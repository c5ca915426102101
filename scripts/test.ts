/**
 * `npm test`: builds tap's test class when this checkout has none yet, runs the tests, judges coverage, and ends with one line
 * `N passed, N failed[, N skipped]`. Arguments go to tap; with any, coverage is not judged, as a part of the tests proves no
 * floor. Exit status 1 on any failure, and when no test ran at all.
 *
 * Unit tests run first and apart, since only they count for coverage (map.mjs): the others, which load the whole program, start
 * by what Node has compiled before, which coverage could not be told from, and cost a quarter less CPU for it.
 */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { TapCount } from './lib/tap-count.ts';
import { ensureTestClass, ROOT, run, start, TAP } from './lib/test-class.ts';
import { COMPILED } from './lib/weir-process.ts';

const UNIT_TESTS = ['--include=test/unit/**/*.ts'];
const OTHER_TESTS = ['--include=test/*.ts', '--include=test/!(unit)/**/*.ts', '--disable-coverage'];

async function runAll(count: TapCount): Promise<boolean> {
  const isWhole = await runTests(count, UNIT_TESTS);
  return (await runTests(count, OTHER_TESTS, { NODE_COMPILE_CACHE: COMPILED })) && isWhole;
}

async function runTests(count: TapCount, args: readonly string[], env = {}): Promise<boolean> {
  const tap = start(TAP, ['run', '--reporter=tap', ...args], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const closed = once(tap, 'close');
  if (!tap.stdout) throw new Error('Cannot read the results of tap');
  for await (const line of createInterface({ input: tap.stdout })) {
    if (count.line(line)) console.log(line);
  }
  const [status] = await closed;
  return status === 0;
}

async function judgeCoverage(): Promise<boolean> {
  const script = join(ROOT, 'scripts/check-coverage.ts');
  return await run(process.execPath, ['--disable-warning=ExperimentalWarning', script]);
}

const args = process.argv.slice(2);
const count = new TapCount();
rmSync(join(ROOT, '.tap/report'), { recursive: true, force: true });
const ok = (await ensureTestClass()) && (await (args.length > 0 ? runTests(count, args) : runAll(count)));
const covered = args.length > 0 || (await judgeCoverage());
// A run that broke without a failing assertion, a coverage gap and an empty run are failures, one each.
const broken = [!ok && count.failed === 0, !covered, ok && count.passed === 0].filter(Boolean).length;
for (const title of count.skipped) console.log(`skipped: ${title}`);
const skips = count.skipped.length > 0 ? `, ${count.skipped.length} skipped` : '';
console.log(`${count.passed} passed, ${count.failed + broken} failed${skips}`);
process.exitCode = count.failed + broken > 0 ? 1 : 0;
