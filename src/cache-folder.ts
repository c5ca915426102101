/** The folder of `cache.disk`, made or found usable before anybody serves, so that an operator hears of it at once. */
import { accessSync, chmodSync, constants, existsSync } from 'node:fs';
import type { Config } from '#config/config.ts';
import { makeFolder } from '#record/log-file.ts';
import { ExitCode } from './exit-codes.ts';

/** @throws {Error} with `exitCode` 78 where nothing can be kept there */
export function prepareCacheFolder({ cache: { disk } }: Config): void {
  if (disk === undefined) return;
  const { path } = disk;
  try {
    if (!existsSync(path)) {
      makeFolder(path);
      chmodSync(path, 0o700);
    }
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const message = `Cannot keep answers in cache.disk.path "${path}" (${(error as Error).message}). Make it a folder that Weir's user may write, or name another`;
    throw Object.assign(new Error(message, { cause: error }), { exitCode: ExitCode.Configuration });
  }
}
