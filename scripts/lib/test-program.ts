/**
 * The program that tests start hundreds of times: the single executable as users get it (`npm run build`), built once for a whole run of
 * tests. It starts in a third of the time that the sources take. A test file that is run alone starts the sources, as bin/weir does.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundleEntry, bundleProgram } from './bundle.ts';
import { assemble, keepCompiled } from './executable.ts';

/** Writes it into `folder`, which is made. @returns its path */
export async function buildTestProgram(folder: string): Promise<string> {
  const program = join(folder, 'weir');
  mkdirSync(folder, { recursive: true });
  await bundleEntry(folder);
  await bundleProgram(folder, 'test');
  await keepCompiled(folder);
  assemble(folder, program);
  return program;
}
