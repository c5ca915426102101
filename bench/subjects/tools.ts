/** What a subject's programs need: to be installed, and folders for what they write. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from '../../scripts/lib/guardian.ts';
import { toolPath } from '../../scripts/lib/tool-path.ts';

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
