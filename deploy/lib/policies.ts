/**
 * The last ten configurations that tier 1 had, each with the lists that its ConfigMap had beside it, in files beside the state, for going
 * back to one of them. Only their owner reads them: a configuration may name what is nobody's business.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { readIfThere } from './attempt.ts';
import { MAIN, type PolicyData, sumOfPolicy } from './policy-data.ts';
import { type State, writeWhole } from './state.ts';

const KEEP = 10;

export interface Policy {
  /** A number that grows, and the begin of its hash: `000003-9f86d081`. */
  readonly name: string;
  /** Its weir.yaml; what was beside it: {@link dataOf}. */
  readonly file: string;
  /** Who put it there; empty where nobody remembers. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Newest first. */
export function keptPolicies(state: State): readonly Policy[] {
  const folder = folderOf(state);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^\d{6}-[0-9a-f]{8}\.yaml$/.test(name));
  return names
    .toSorted()
    .reverse()
    .map((file) => policyOf(state, join(folder, file), file.slice(0, -'.yaml'.length)));
}

function policyOf(state: State, file: string, name: string): Policy {
  return { name, file, by: state.recall(byOf(name)) ?? '', at: statSync(file).mtime.toISOString() };
}

const byOf = (name: string): string => `policy.${name}.by`;

/** All that came with the weir.yaml that is kept as `file`. */
export function dataOf(file: string): PolicyData {
  const beside = readIfThere(besideOf(file));
  const others = beside === undefined ? {} : (JSON.parse(beside) as PolicyData);
  return { ...others, [MAIN]: readFileSync(file, 'utf8') };
}

const besideOf = (file: string): string => file.replace(/\.yaml$/, '.beside.json');

/** Keeps `data` as the newest, where it is another one than that; the oldest goes. Nobody knows who put it there where `by` is empty. */
export function keepPolicy(state: State, data: PolicyData, by = ''): void {
  const kept = keptPolicies(state);
  const [last] = kept;
  const sum = sumOfPolicy(data);
  if (last !== undefined && sumOfPolicy(dataOf(last.file)) === sum) {
    if (by !== '') state.rememberFirst(byOf(last.name), by);
    return;
  }
  const number = Number(last?.name.slice(0, 6) ?? 0) + 1;
  mkdirSync(folderOf(state), { recursive: true, mode: 0o700 });
  const name = `${String(number).padStart(6, '0')}-${sum.slice(0, 8)}`;
  if (by !== '') state.remember(byOf(name), by);
  write(join(folderOf(state), `${name}.yaml`), data);
  for (const old of kept.slice(KEEP - 1)) {
    rmSync(old.file);
    rmSync(besideOf(old.file), { force: true });
    state.remember(byOf(old.name), undefined);
  }
}

/** What is beside it first: a policy is there once its weir.yaml is. */
function write(file: string, { [MAIN]: main = '', ...others }: PolicyData): void {
  if (Object.keys(others).length > 0) writeWhole(besideOf(file), JSON.stringify(others));
  writeWhole(file, main);
}

const folderOf = (state: State): string => state.beside('policies');

/** Who runs this, as a person would look for them. */
export function whoRuns(): string {
  return `${userInfo().username}@${hostname()}`;
}
