/**
 * Runs dependency-cruiser with the project's rules and prints what breaks them, with the cure. Fails as well when the cruise
 * missed a file or saw no import at all: with a TypeScript it does not support, dependency-cruiser checks nothing and exits 0.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type Finding, report, sourcePaths } from './lib/sources.ts';

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
  readonly cycle?: readonly { readonly name: string }[];
}

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly Violation[];
    readonly totalDependenciesCruised: number;
    readonly ruleSetUsed: {
      readonly forbidden: readonly { readonly name: string; readonly comment: string }[];
    };
  };
}

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = ['src', 'test', 'bench', 'scripts', 'deploy'].filter((folder) => existsSync(folder));

function cruise(): Cruise {
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const options = ['--config', join(ROOT, '.dependency-cruiser.mjs'), '--output-type', 'json'];
  const run = spawnSync(process.execPath, [program, ...options, ...FOLDERS], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (!run.stdout.startsWith('{')) {
    throw new Error(`Cannot cruise the sources: ${run.stderr || run.stdout || String(run.error)}`);
  }
  return JSON.parse(run.stdout) as Cruise;
}

/** Proof that the cruise looked: every source file is in it, and so are imports. */
function notCruised({ modules, summary }: Cruise): readonly Finding[] {
  const seen = new Set(modules.map(({ source }) => source));
  const cure = 'pin a TypeScript that dependency-cruiser supports (package.json says which and why)';
  const missed = sourcePaths(FOLDERS)
    .filter((path) => !seen.has(path))
    .map((at) => ({ at, problem: 'was not cruised, so no rule looked at it', cure }));
  if (summary.totalDependenciesCruised > 0) return missed;
  return [...missed, { at: 'src', problem: 'not one import was cruised', cure }];
}

function broken({ summary }: Cruise): readonly Finding[] {
  const cures = new Map(summary.ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]));
  return summary.violations.map(({ from, to, rule, cycle }) => {
    const path = cycle ? cycle.map(({ name }) => name).join(' -> ') : to;
    return {
      at: from,
      problem: `${rule.name}${path === from ? '' : `: -> ${path}`}`,
      cure: cures.get(rule.name) ?? 'see .dependency-cruiser.mjs',
    };
  });
}

const result = cruise();
report(
  'architecture',
  [...notCruised(result), ...broken(result)],
  `${result.modules.length} modules, ${result.summary.totalDependenciesCruised} imports`,
);
