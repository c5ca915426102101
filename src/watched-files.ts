/** The files of the configuration in force, while it is: whether they change, and whether others can read what is secret in them. */
import type { Config } from '#config/config.ts';
import { exposedSecrets } from '#config/exposed.ts';
import { watchFiles } from '#config/watch.ts';
import type { Log } from '#record/operational-log.ts';

/** What is in force, and who is told of its files. */
export interface InForce {
  readonly config: Config;
  readonly log: Pick<Log, 'warn'>;
}

/** Warns of each secret that others can read. */
export async function warnOfSecrets({ config, log }: InForce): Promise<void> {
  for (const warning of await exposedSecrets(config)) log.warn(warning);
}

/** Calls `onChange` when one of them has changed. */
export function watchConfig({ config, log }: InForce, onChange: () => void): { close(): void } {
  return watchFiles(config.files, onChange, {
    digests: config.digests,
    onMissing: (file) =>
      log.warn({ file }, 'A watched file cannot be read, the configuration in force stays'),
  });
}
