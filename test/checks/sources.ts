/**
 * The checks that are scripts of our own catch what they are for: each runs on a toy source tree that breaks it, and must fail
 * with the place; on a clean tree it must pass.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { TapCount } from '../../scripts/lib/tap-count.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts');
const HEAD = '/** Decides nothing. */\n';

interface Ran {
  readonly status: number | null;
  readonly output: string;
}

/** Runs the script `check` where only `files` exist. */
function runCheck(t: Test, check: string, files: Readonly<Record<string, string>>): Ran {
  const cwd = t.testdir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(cwd, dirname(path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  const run = spawnSync(process.execPath, [join(SCRIPTS, check)], { cwd, encoding: 'utf8' });
  return { status: run.status, output: run.stdout + run.stderr };
}

const imports = (count: number): string =>
  Array.from({ length: count }, (_, index) => `import {\n  a${index},\n} from '#net/a${index}.ts';\n`).join(
    '',
  );

t.test('check-budgets fails with the place', async (t) => {
  const cases: Readonly<Record<string, [file: string, text: string, found: string]>> = {
    'a file of 251 lines': [
      'src/long.ts',
      'const a = 1;\n'.repeat(251),
      'src/long.ts:251  251 lines, budget 250',
    ],
    'a test of 251 lines': ['test/long.ts', 'const a = 1;\n'.repeat(251), 'test/long.ts:251  251 lines'],
    'eleven local imports': ['src/many.ts', imports(11), 'src/many.ts:33  11 local imports, budget 10'],
    'a budget switched off': [
      'src/off.ts',
      '// biome-ignore lint/complexity/useMaxParams: I like it',
      'src/off.ts:1  a function budget is switched off',
    ],
  };
  for (const [name, [file, text, found]] of Object.entries(cases)) {
    const { status, output } = runCheck(t, 'check-budgets.ts', { [file]: text });
    t.equal(status, 1, name);
    t.match(output, found, name);
  }
});

t.test('check-budgets lets a full budget pass', async (t) => {
  const files = { 'src/full.ts': 'const a = 1;\n'.repeat(250), 'src/ten.ts': imports(10) };
  const { output } = runCheck(t, 'check-budgets.ts', files);
  t.notMatch(output, 'src/full.ts');
  t.notMatch(output, 'src/ten.ts');
});

t.test('check-words fails with the place', async (t) => {
  const cases: Readonly<Record<string, [file: string, text: string]>> = {
    'the lenient parser': ['src/a.ts', 'createServer({ insecureHTTPParser: true });'],
    'a note without an issue': ['src/a.ts', '// TODO later'],
    'coverage hidden': ['src/a.ts', '/* c8 ignore next */'],
    'coverage hidden with a reason': ['src/a.ts', '/* c8 ignore next -- never */'],
    'a status written elsewhere': ['src/proxy/tunnel.ts', 'response.writeHead(200);'],
    'the process ended': ['src/cli.ts', 'process.exit(1);'],
    'a type error silenced': ['test/a.ts', '// @ts-ignore'],
    'a closure that V8 keeps': ['src/proxy/a.ts', '  tx.onDeadline = () => tx.cut();'],
    'the same within a class': [
      'src/net/a.ts',
      '    this.#onIdle ??= async (late: boolean): Promise<void> => {',
    ],
  };
  for (const [name, [file, text]] of Object.entries(cases)) {
    const { status, output } = runCheck(t, 'check-words.ts', { [file]: HEAD + text });
    t.equal(status, 1, name);
    t.match(output, `${file}:2  `, name);
  }
  const { status, output } = runCheck(t, 'check-words.ts', { 'src/a.ts': 'export const a = 1;' });
  t.equal(status, 1, 'no head comment');
  t.match(output, 'src/a.ts:1  no comment at the head');
});

t.test('check-words lets owners and reasons pass', async (t) => {
  const { status, output } = runCheck(t, 'check-words.ts', {
    'src/proxy/reply.ts': `${HEAD}response.writeHead(200);`,
    'src/proxy/forward.ts': `${HEAD}response.writeHead(200);`,
    'src/admin/server.ts': `${HEAD}response.writeHead(200);`,
    'src/net/b.ts': `${HEAD}  tx.onIdle = onIdle;\n  const cut = () => {};`,
    'src/a.ts': `${HEAD}// TODO(#12) when Node has it`,
  });
  t.equal(status, 0, output);
});

t.test('check-coverage judges the folders with a floor', async (t) => {
  const code = `${HEAD}export const a = 1;\n`;
  const none = runCheck(t, 'check-coverage.ts', { 'src/acl/a.ts': code });
  t.equal(none.status, 1, 'a file that no unit test loads');
  t.match(none.output, 'src/acl/a.ts  has no unit test');
  const types = { 'src/acl/a.ts': `${HEAD}export interface A { a: 1 }\n`, 'src/proxy/b.ts': code };
  const rest = runCheck(t, 'check-coverage.ts', types);
  t.equal(rest.status, 0, 'types alone, and a folder without a floor');
  t.match(rest.output, '0.0%  src/proxy');
});

t.test('TapCount', async (t) => {
  const cases: Readonly<Record<string, [tap: readonly string[], counts: [number, number, number]]>> = {
    'counts leaves, not the subtests that hold them': [
      ['# Subtest: a', '    ok 1 - b', '    # Subtest: c', '        ok 1 - d', '    ok 2 - c', 'ok 1 - a'],
      [2, 0, 0],
    ],
    'counts a failure once': [
      ['# Subtest: a', '    not ok 1 - b', 'not ok 1 - a'],
      [0, 1, 0],
    ],
    'counts a subtest that broke without a failing assertion': [
      ['# Subtest: a', '    ok 1 - b', 'not ok 1 - a'],
      [1, 1, 0],
    ],
    'counts SKIP and TODO as skipped': [
      ['ok 1 - a # SKIP no kubectl', 'not ok 2 - b # TODO'],
      [0, 0, 2],
    ],
    'counts nothing in nothing': [
      ['TAP version 14', '1..0'],
      [0, 0, 0],
    ],
  };
  for (const [name, [tap, [passed, failed, skipped]]] of Object.entries(cases)) {
    const count = new TapCount();
    for (const line of tap) count.line(line);
    t.same([count.passed, count.failed, count.skipped.length], [passed, failed, skipped], name);
  }
  const count = new TapCount();
  const tap = [
    'ok 1 - a.ts',
    '    ok 1 - b',
    '    not ok 2 - c',
    '      ---',
    '      at: d',
    '      ...',
    '    1..2',
  ];
  const shown = tap.filter((line) => count.line(line));
  t.same(shown, [tap[0], tap[2], tap[3], tap[4], tap[5]], 'shows files and failures with their diagnosis');
});
