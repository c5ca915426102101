/**
 * The last ten configurations that tier 1 had, in files beside the state, for going back to one of them. Only their owner reads them: a
 * configuration may name what is nobody's business.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type State, writeWhole } from './state.ts';

const KEEP = 10;

export interface Policy {
  /** A number that grows, and the begin of its hash: `000003-9f86d081`. */
  readonly name: string;
  readonly file: string;
}

/** Newest first. */
export function keptPolicies(state: State): readonly Policy[] {
  const folder = folderOf(state);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^\d{6}-[0-9a-f]{8}\.yaml$/.test(name));
  return names
    .toSorted()
    .reverse()
    .map((name) => ({ name: name.slice(0, -'.yaml'.length), file: join(folder, name) }));
}

/** Keeps `text` as the newest, where it is another one than that; the oldest goes. */
export function keepPolicy(state: State, text: string): void {
  const kept = keptPolicies(state);
  const [last] = kept;
  if (last !== undefined && readFileSync(last.file, 'utf8') === text) return;
  const number = Number(last?.name.slice(0, 6) ?? 0) + 1;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  mkdirSync(folderOf(state), { recursive: true, mode: 0o700 });
  writeWhole(join(folderOf(state), `${String(number).padStart(6, '0')}-${hash}.yaml`), text);
  for (const { file } of kept.slice(KEEP - 1)) rmSync(file);
}

const folderOf = (state: State): string => `${state.file.replace(/\.state\.json$/, '')}.policies`;
