/**
 * The project's own source files, as every check sees them: one walk, one list of folders, so that no two checks disagree
 * about what exists. Also the one form in which checks report what they found.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** Something a person must change, with the place and what to do about it. */
export interface Finding {
  /** `path` or `path:line`. */
  readonly at: string;
  readonly problem: string;
  readonly cure: string;
}

export interface SourceFile {
  readonly path: string;
  readonly lines: readonly string[];
}

/** Paths of all `.ts` files under those of `folders` that exist, sorted, relative to the working directory. */
export function sourcePaths(folders: readonly string[]): readonly string[] {
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .sort();
}

/** Reads those files whole. */
export function sourceFiles(folders: readonly string[]): readonly SourceFile[] {
  return sourcePaths(folders).map((path) => ({ path, lines: readFileSync(path, 'utf8').split('\n') }));
}

/** Prints `findings` and one closing line, and sets exit status 1 when there are any. */
export function report(check: string, findings: readonly Finding[], looked: string): void {
  for (const { at, problem, cure } of findings) console.error(`${at}  ${problem}\n    cure: ${cure}`);
  if (findings.length > 0) {
    console.error(`\n${check}: ${findings.length} finding(s) in ${looked}`);
    process.exitCode = 1;
  } else {
    console.log(`${check}: ${looked}, nothing to mend`);
  }
}
