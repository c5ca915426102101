/** The programs that steps call, with what each call of them has. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Machine } from '../lib/settings.ts';
import type { Program } from '../lib/shell.ts';
import type { World } from '../lib/step.ts';

/** Of tier 1, as k8s/base has it. */
export const NAMESPACE = 'intra-proxy';

export type More = Omit<Program, 'words'>;

/** kubectl, and never in another cluster than the one that is meant. */
export function kubectl({ settings }: World, args: readonly string[], more: More = {}): Program {
  return { words: ['kubectl', `--context=${settings.text.CONTEXT}`, ...args], ...more };
}

export function gcloud({ settings }: World, args: readonly string[], more: More = {}): Program {
  return { words: ['gcloud', ...args, `--project=${settings.project}`], ...more };
}

/** A command on a machine of tier 2, through IAP. */
export function onMachine(
  world: World,
  { name, zone }: Machine,
  { run, ...more }: More & { readonly run: string },
): Program {
  const place = [`--zone=${zone}`, '--tunnel-through-iap', '--quiet'];
  const cure = `gcloud compute ssh ${name} --project=${world.settings.project} --zone=${zone} --tunnel-through-iap, and see there`;
  return gcloud(world, ['compute', 'ssh', name, ...place, `--command=${run}`], { cure, ...more });
}

/** In the home of who logs in to a machine: scripts of vm/, their settings, the package and the configuration. */
export const SENT = 'weir-deploy';

/** A script of vm/ on a machine, with the settings of the site. */
export function vmScript(
  { settings }: World,
  script: 'verify' | 'rollback',
  args: readonly string[] = [],
): string {
  return [`sudo ${SENT}/vm/${script}`, ...args, `--settings ${SENT}/${basename(settings.vmSettings)}`].join(
    ' ',
  );
}

/** Prints the version of the package and the SHA-256 of weir.yaml. */
export const IDENTITY = `dpkg-query --showformat='\${Version} ' --show weir && sudo sha256sum /etc/weir/weir.yaml`;

/** Hash of what files have in them; also of those that are not there. */
export function hashOf(...files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file.split('/').at(-1)}\0`)
      .update(bytesOf(file))
      .update('\0');
  return hash.digest('hex');
}

/** Hash of all files of a folder. */
export function hashOfFolder(folder: string): string {
  const files = globSync('**', { cwd: folder, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return hashOf(...files.map((entry) => join(entry.parentPath, entry.name)).toSorted());
}

function bytesOf(file: string): Buffer | string {
  try {
    return readFileSync(file);
  } catch {
    return 'not there';
  }
}

/** A folder beside the state for what other programs are to read. */
export function workFolder({ state }: World, name: string): string {
  return join(state.beside('work'), name);
}
