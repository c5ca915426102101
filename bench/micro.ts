/** `npm run bench:micro`: every micro-benchmark, one after another, each in a process of its own. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const FOLDER = join(import.meta.dirname, 'micro');

/** Those in folders that mirror src/; what they share lies beside the folders. */
const files = globSync('*/*.ts', { cwd: FOLDER }).sort();
const statuses = files.map(
  (file) => spawnSync(process.execPath, [join(FOLDER, file)], { stdio: 'inherit' }).status,
);
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;
