/**
 * Judges what the unit tests of a whole `npm test` covered, folder by folder. Only they count, each for the file it mirrors
 * (lib/coverage.ts), so the folders that flow tests exercise have no floor here and are only printed. A file without any
 * code, types only, is covered; a file with code that no unit test loaded is not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { readCoverage } from './lib/coverage.ts';
import { type Finding, report, sourcePaths } from './lib/sources.ts';

/** Where every statement, branch, function and line is covered by unit tests. The rest has no floor. */
const FULL = [
  'src/acl/',
  'src/audit/',
  'src/cache/',
  'src/doctor/',
  'src/match/',
  'src/net/',
  'src/config/',
  'src/limit/',
  'src/identity/',
  'src/pods/',
  'src/redis/',
  'src/study/',
  'src/errors.ts',
  'src/hints.ts',
];

interface Judged {
  readonly path: string;
  readonly total: number;
  readonly covered: number;
  readonly finding: Finding | undefined;
}

/** `3, 7-9` for 3, 7, 8, 9. */
function ranges(lines: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last && last[1] === line - 1) last[1] = line;
    else runs.push([line, line]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

function hasCode(path: string): boolean {
  const code = stripTypeScriptTypes(readFileSync(path, 'utf8'))
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\bexport\s*\{\s*\}\s*;?/g, '');
  return /\w/.test(code);
}

function unitTestOf(path: string): string {
  return path.replace(/^src\//, 'test/unit/');
}

function judge(path: string): Judged {
  if (!hasCode(path)) return { path, total: 0, covered: 0, finding: undefined };
  const gaps = readCoverage(path);
  const total = readFileSync(path, 'utf8').split('\n').length;
  if (gaps === undefined) {
    const problem = existsSync(unitTestOf(path)) ? 'its unit test never loads it' : 'has no unit test';
    return { path, total, covered: 0, finding: { at: path, problem, cure: `write ${unitTestOf(path)}` } };
  }
  const covered = total - gaps.lines.length;
  const said = [
    gaps.lines.length > 0 && `lines ${ranges(gaps.lines)}`,
    gaps.branches.length > 0 && `branches at ${gaps.branches.join(', ')}`,
    gaps.functions.length > 0 && `functions ${gaps.functions.join(', ')}`,
  ].filter((text) => text !== false);
  if (said.length === 0) return { path, total, covered, finding: undefined };
  const cure = `test it in ${unitTestOf(path)}, or delete what cannot happen`;
  return { path, total, covered, finding: { at: path, problem: `not covered: ${said.join('; ')}`, cure } };
}

function printFolders(judged: readonly Judged[]): void {
  const folders = Map.groupBy(judged, ({ path }) => path.split('/').slice(0, 2).join('/'));
  for (const [folder, files] of folders) {
    const total = files.reduce((sum, { total }) => sum + total, 0);
    const covered = files.reduce((sum, { covered }) => sum + covered, 0);
    const percent = total === 0 ? '  none' : `${((100 * covered) / total).toFixed(1).padStart(5)}%`;
    console.log(
      `  ${percent}  ${folder}  (${covered} of ${total} lines, ${files.length} files, unit tests only)`,
    );
  }
}

function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path.startsWith(place));
}

const judged = sourcePaths(['src']).map(judge);
const full = judged.filter(({ path }) => isIn(path, FULL));
printFolders(judged);
report(
  'coverage',
  full.flatMap(({ finding }) => finding ?? []),
  `${full.length} files that need 100 %`,
);
