/** The commit that the working tree is compared with, checked out beside it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ownFolder } from '../subjects/tools.ts';

const ROOT = join(import.meta.dirname, '../..');
const FILE = join(import.meta.dirname, '../baseline');

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The full hash in the text of bench/baseline. @throws where there is none */
export function commitIn(text: string): string {
  const commit = text.trim();
  if (/^[0-9a-f]{40}$/.test(commit)) return commit;
  throw new Error(`Cannot compare: bench/baseline must hold a full commit hash, and holds "${commit}"`);
}

/** The commit named in `file`. @throws where there is no baseline, or no such commit */
export function readBaseline(file = FILE): string {
  if (!existsSync(file))
    throw new Error('Cannot compare: there is no baseline. Write a commit hash to bench/baseline');
  const commit = commitIn(readFileSync(file, 'utf8'));
  try {
    git('cat-file', '-e', `${commit}^{commit}`);
  } catch {
    throw new Error(`Cannot compare: the baseline ${commit} is no commit that this clone has`);
  }
  return commit;
}

/**
 * Checks `commit` out in a folder of its own, which goes with `owner`, and whatever else ends this process. It runs on the packages
 * of the working tree. @returns the folder
 */
export function checkOut(commit: string, owner: AsyncDisposableStack): string {
  const folder = join(ownFolder(owner), 'weir');
  const remove = (): void => void git('worktree', 'remove', '--force', folder);
  git('worktree', 'add', '--quiet', '--detach', folder, commit);
  process.once('exit', remove);
  owner.defer(() => {
    process.off('exit', remove);
    remove();
  });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
