/**
 * `npm test`: builds what the tests need, runs them, judges coverage, and ends with one line `N passed, N failed[, N skipped]`.
 * Arguments go to tap; with any, Weirs that tests start run from the sources, and coverage is not judged, as a part of the tests proves
 * no floor. Exit status 1 on any failure, and when no test ran at all.
 */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { bundleTap } from './lib/bundle-tap.ts';
import { TapCount } from './lib/tap-count.ts';
import { ensureTestClass, ROOT, run, start, TAP } from './lib/test-class.ts';
import { testFiles, testSettings } from './lib/test-files.ts';
import { runTestFile } from './lib/test-process.ts';
import { buildTestProgram } from './lib/test-program.ts';
import { COMPILED } from './lib/weir-process.ts';

async function runAll(count: TapCount): Promise<boolean> {
  await bundleTap();
  const program = await buildTestProgram(join(ROOT, '.tap/built'));
  const settings = testSettings();
  const files = testFiles(settings);
  const left = files.values();
  let done = 0;
  let isOk = true;
  const work = async (): Promise<void> => {
    for (const file of left) {
      const lines = await runTestFile(file, { timeoutS: settings.timeout, program });
      done += 1;
      for (const line of lines) show(count, line.replace(/^(not )?ok -/, `$1ok ${done} -`));
      isOk &&= !lines.at(-1)?.startsWith('not ok');
    }
  };
  await Promise.all(Array.from({ length: settings.jobs }, work));
  return isOk;
}

function show(count: TapCount, line: string): void {
  if (count.line(line)) console.log(line);
}

async function runSome(count: TapCount, args: readonly string[]): Promise<boolean> {
  const tap = start(TAP, ['run', '--reporter=tap', '--disable-coverage', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { NODE_COMPILE_CACHE: COMPILED },
  });
  const closed = once(tap, 'close');
  if (!tap.stdout) throw new Error('Cannot read the results of tap');
  for await (const line of createInterface({ input: tap.stdout })) show(count, line);
  const [status] = await closed;
  return status === 0;
}

async function judgeCoverage(): Promise<boolean> {
  const script = join(ROOT, 'scripts/check-coverage.ts');
  return await run(process.execPath, ['--disable-warning=ExperimentalWarning', script]);
}

const args = process.argv.slice(2);
const count = new TapCount();
rmSync(join(ROOT, '.tap/covered'), { recursive: true, force: true });
const ok = (await ensureTestClass()) && (await (args.length > 0 ? runSome(count, args) : runAll(count)));
const covered = args.length > 0 || (await judgeCoverage());
// A run that broke without a failing assertion, a coverage gap and an empty run are failures, one each.
const broken = [!ok && count.failed === 0, !covered, ok && count.passed === 0].filter(Boolean).length;
for (const title of count.skipped) console.log(`skipped: ${title}`);
const skips = count.skipped.length > 0 ? `, ${count.skipped.length} skipped` : '';
console.log(`${count.passed} passed, ${count.failed + broken} failed${skips}`);
process.exitCode = count.failed + broken > 0 ? 1 : 0;
