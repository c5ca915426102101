/** Finds programs that are installed, and folders for what they write. */
import { accessSync, chmodSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { guard } from '../../scripts/lib/guardian.ts';

/** Daemons live outside an ordinary user's PATH. */
const MORE_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of the program `name`; undefined where it is not installed. */
export function toolPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Says that the program `name` is not installed, where it is not. */
export function missingTool(name: string): string | undefined {
  return toolPath(name) === undefined ? `${name} is not installed` : undefined;
}

/** A folder that goes with `owner`, or with this process should it die before. Anyone may write in it: daemons change their user. */
export function ownFolder(owner: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  chmodSync(folder, 0o777);
  const callOff = guard({ folder });
  owner.defer(() => {
    callOff();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
