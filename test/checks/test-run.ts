/** The runner of the tests: what a file says is counted, how it ends is judged, and what a unit test never ran is found. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { bundleTap } from '../../scripts/lib/bundle-tap.ts';
import { coveredBy, missing, readCoverage } from '../../scripts/lib/coverage.ts';
import { TapCount } from '../../scripts/lib/tap-count.ts';
import { testFiles, testSettings } from '../../scripts/lib/test-files.ts';
import { runTestFile } from '../../scripts/lib/test-process.ts';

await bundleTap();

interface Ended {
  readonly passed: number;
  readonly failed: number;
  readonly last: string;
}

async function runs(t: Test, code: string): Promise<Ended> {
  const file = join(t.testdir({ 'a.ts': code }), 'a.ts');
  const lines = await runTestFile(file, { timeoutS: 20, program: 'none' });
  const count = new TapCount();
  for (const line of lines) count.line(line);
  return { passed: count.passed, failed: count.failed, last: lines.at(-1)?.replaceAll(file, 'FILE') ?? '' };
}

const FILES: Readonly<Record<string, [code: string, passed: number, failed: number, last: RegExp]>> = {
  'passes where all of it does': [
    "import t from 'tap'; t.pass('a'); t.pass('b');",
    2,
    0,
    /^ok - FILE # time=\d+ms$/,
  ],
  'fails with an assertion': [
    "import t from 'tap'; t.pass('a'); t.fail('b');",
    1,
    1,
    /^not ok - FILE: it ended with status 1 /,
  ],
  'fails where it throws behind its tests': [
    "import t from 'tap'; t.pass('a'); process.exitCode = 3;",
    1,
    1,
    /^not ok - FILE: it ended with status 3 /,
  ],
  'fails where it is killed': [
    "import t from 'tap'; t.pass('a'); process.kill(process.pid, 'SIGKILL');",
    1,
    1,
    /^not ok - FILE: it was ended by SIGKILL /,
  ],
  'fails where it says nothing': ['export {};', 0, 1, /^not ok - FILE: it ended before its last test /],
  'fails where it has no test': ["import t from 'tap'; t.plan(0);", 0, 1, /^not ok - FILE: it has no test /],
};

for (const [title, [code, passed, failed, last]] of Object.entries(FILES)) {
  t.test(`a test file ${title}`, async (t) => {
    const ended = await runs(t, code);
    t.same([ended.passed, ended.failed], [passed, failed]);
    t.match(ended.last, last);
  });
}

t.test('testFiles() finds this one and no fixture', async (t) => {
  const files = testFiles(testSettings());
  t.ok(files.includes('test/checks/test-run.ts'));
  t.notOk(files.some((file) => file.startsWith('test/fixtures/')));
});

t.test('a unit test covers what it mirrors, and no other covers anything', async (t) => {
  t.equal(coveredBy('test/unit/errors.ts'), 'src/errors.ts');
  t.equal(coveredBy('test/unit/none.ts'), undefined);
  t.equal(coveredBy('test/flow/cache.ts'), undefined);
});

const TEXT = 'const a = (b) => {\n  if (b) {\n    return 1;\n  }\n\n  return 2;\n};\nconst c = () => 3;\n';
const range = (text: string, count: number) => ({
  startOffset: TEXT.indexOf(text),
  endOffset: TEXT.indexOf(text) + text.length,
  count,
});
const fn = (functionName: string, ...ranges: ReturnType<typeof range>[]) => ({
  functionName,
  ranges,
  isBlockCoverage: true,
});
const MODULE = fn('', range(TEXT, 1));
const A = TEXT.slice(TEXT.indexOf('(b)'), TEXT.indexOf('};') + 1);
const BLOCK = '{\n    return 1;\n  }';

t.test('missing() names lines, branches and functions that never ran', async (t) => {
  const half = { functions: [MODULE, fn('a', range(A, 1), range(BLOCK, 0)), fn('c', range('() => 3', 0))] };
  t.same(missing(TEXT, [half]), { lines: [3, 4], branches: ['2-4'], functions: ['c (8)'] });
  const rest = { functions: [MODULE, fn('a', range(A, 1)), fn('c', range('() => 3', 1))] };
  t.same(missing(TEXT, [rest]), { lines: [], branches: [], functions: [] });
  t.same(missing(TEXT, [half, rest]), { lines: [], branches: [], functions: [] }, 'together they ran all');
});

t.test('readCoverage() tells what is not loaded from what is', async (t) => {
  t.chdir(t.testdir({ src: { 'a.ts': TEXT } }));
  const write = (scripts: readonly object[]): void => {
    mkdirSync('.tap/covered/src/a.ts', { recursive: true });
    writeFileSync('.tap/covered/src/a.ts/1.json', JSON.stringify(scripts));
  };
  t.equal(readCoverage('src/a.ts'), undefined);
  write([]);
  t.equal(readCoverage('src/a.ts'), undefined);
  write([{ functions: [MODULE] }]);
  t.match(readCoverage('src/a.ts'), { lines: [] });
});
