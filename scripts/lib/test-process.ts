/**
 * One test file, run as it runs alone (`node FILE`), with tap as one module; its TAP becomes a subtest of that of the whole run. What tap's
 * own runner adds to each process, mocks of modules and a record of all that is loaded, costs more than most of our tests.
 */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { coverageFolder, coveredBy } from './coverage.ts';
import { ROOT, start } from './test-class.ts';
import { COMPILED } from './weir-process.ts';

export interface TestRun {
  /** After which it fails itself, unless it says otherwise. */
  readonly timeoutS: number;
  /** What Weirs run that it starts. */
  readonly program: string;
}

/** Weirs that they start run from the sources, by bin/weir, as those of a checkout do. */
const FROM_SOURCES: ReadonlySet<string> = new Set(['test/peers/workers.ts', 'test/unit/cli.ts']);

/** For a process that does not even end by its own clock. */
const MAX_MS = 600_000;

/** @returns lines of TAP: a subtest, and the point that closes it without its number */
export async function runTestFile(file: string, run: TestRun): Promise<readonly string[]> {
  const startedMs = performance.now();
  const child = start(process.execPath, [preload('tap-in-one.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { TAP_TIMEOUT: `${run.timeoutS}`, ...programOf(file, run), ...coverageOf(file) },
  });
  const clock = setTimeout(() => child.kill('SIGKILL'), MAX_MS);
  if (!child.stdout) throw new Error(`Cannot read the results of ${file}`);
  const [output, [status, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  clearTimeout(clock);
  const lines = output.split('\n').filter((line) => !line.startsWith('TAP version'));
  const problem = problemOf(lines, status ?? signal);
  const took = `# time=${Math.round(performance.now() - startedMs)}ms`;
  return [
    `# Subtest: ${file}`,
    ...lines.map((line) => (line === '' ? '' : `    ${line}`)),
    problem === undefined ? `ok - ${file} ${took}` : `not ok - ${file}: ${problem} ${took}`,
  ];
}

function preload(name: string): string {
  return `--import=${pathToFileURL(join(import.meta.dirname, name)).href}`;
}

type Env = Readonly<Record<string, string>>;

function programOf(file: string, { program }: TestRun): Env {
  return FROM_SOURCES.has(file) ? {} : { WEIR_PROGRAM: program };
}

/** Coverage cannot be told of what was compiled before; all others start by it, and take half as long. */
function coverageOf(file: string): Env {
  const covered = coveredBy(file);
  if (covered === undefined) return { NODE_COMPILE_CACHE: COMPILED };
  const folder = join(ROOT, coverageFolder(covered));
  mkdirSync(folder, { recursive: true });
  return {
    NODE_OPTIONS: preload('cover.ts'),
    WEIR_COVERED: pathToFileURL(join(ROOT, covered)).href,
    WEIR_COVERAGE_FOLDER: folder,
  };
}

/** A file that ends well has said how many tests there were, and there were some. */
function problemOf(lines: readonly string[], end: number | string): string | undefined {
  if (end !== 0) return typeof end === 'number' ? `it ended with status ${end}` : `it was ended by ${end}`;
  const plan = lines.find((line) => /^1\.\.\d+/.test(line));
  if (plan === undefined) return 'it ended before its last test';
  return plan.startsWith('1..0') ? 'it has no test' : undefined;
}
