/** Commands on a machine of tier 2, where deploy/deploy has put the scripts of vm/ and their settings. */
import { basename } from 'node:path';
import type { World } from '../lib/step.ts';

const FOLDER = 'weir-deploy';

/** A script of vm/ with the settings of the site. */
export function vmScript(
  { settings }: World,
  script: 'verify' | 'rollback',
  args: readonly string[] = [],
): string {
  const words = [
    `sudo ${FOLDER}/vm/${script}`,
    ...args,
    `--settings ${FOLDER}/${basename(settings.vmSettings)}`,
  ];
  return words.join(' ');
}

/** Prints the version of the package and the SHA-256 of weir.yaml. */
export const IDENTITY = `dpkg-query --showformat='\${Version} ' --show weir && sudo sha256sum /etc/weir/weir.yaml`;
