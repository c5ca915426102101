/** Files of secrets that anybody on this host can read. It is no mistake in the configuration, but worth a word. */
import { stat } from 'node:fs/promises';
import type { Config } from './config.ts';

const READABLE_BY_OTHERS = 0o004;

/** A sentence for each such file, without a period. */
export async function exposedSecrets({ secretFiles }: Pick<Config, 'secretFiles'>): Promise<string[]> {
  const told: string[] = [];
  for (const file of new Set(secretFiles)) {
    const mode = await modeOf(file);
    if ((mode & READABLE_BY_OTHERS) === 0) continue;
    const octal = (mode & 0o777).toString(8);
    told.push(`Everybody on this host can read the secrets in "${file}" (mode ${octal}), use chmod o-r`);
  }
  return told;
}

/** One that is gone is nobody's to read. */
async function modeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ mode }) => mode,
    () => 0,
  );
}
