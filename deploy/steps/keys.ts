/**
 * The key of hops, one for both tiers, and whatever else tier 2 is to be handed: made where it is missing, but taken from the cluster
 * where that has it already, for another one would part the tiers.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '../lib/exit-codes.ts';
import { Fault } from '../lib/fault.ts';
import type { Settings } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { keysOfTier2 } from './configuration.ts';
import { missingConfigurations } from './needed-files.ts';
import { secretsOf } from './pairs.ts';
import { takeSecret } from './take-secret.ts';
import { kubectl, NAMESPACE } from './tools.ts';

/** Made here, or taken. Others are their owner's, such as a file of users. */
const MADE = ['t2.key', 'hop.key', 'audit.key'];

export const keys: Step = {
  id: 'keys',
  title: 'The key of hops and the other keys of tier 2 are there',
  after: ['certificates'],
  cure: 'see who may write SECRETS',
  lacks: ({ settings }) => [...missingKeys(settings), ...lostKeys(settings)],
  inputs: ({ settings }) => [keysOfTier2(settings), settings.machines.map(({ name }) => name)],
  isStale: ({ settings }) => isGone(settings),
  async run(world) {
    await hopKey(world);
    for (const { name } of world.settings.machines) await auditKey(name, world);
    return keysOfTier2(world.settings).join(', ');
  },
};

export const hopKeyOf = (settings: Settings): string => join(settings.secrets, 'hop.key');

/** Where the key `name` of a machine is: its own, or that of all. Of those that are yet to be made that of hops is. */
export function keyFile(settings: Settings, machine: string, name: string): string {
  const own = join(secretsOf(settings, machine), name);
  const common = join(settings.secrets, name);
  return !existsSync(own) && (existsSync(common) || common === hopKeyOf(settings)) ? common : own;
}

/** Whether one that was made here is not there any more. */
function isGone(settings: Settings): boolean {
  const names = keysOfTier2(settings).filter((key) => key !== 't2.key' && MADE.includes(key));
  const files = settings.machines.flatMap(({ name }) => names.map((key) => keyFile(settings, name, key)));
  return [hopKeyOf(settings), ...files].some((file) => !existsSync(file));
}

async function hopKey(world: World): Promise<void> {
  const file = hopKeyOf(world.settings);
  if (existsSync(file)) return;
  const get = [
    'get',
    'secret',
    'weir-hop',
    `--namespace=${NAMESPACE}`,
    '--ignore-not-found',
    '--output=name',
  ];
  if ((await world.shell.look(kubectl(world, get))) !== '') {
    await takeSecret(world, { name: 'weir-hop', fields: { 'hop.key': file } });
    return;
  }
  await world.shell.change({
    words: ['openssl', 'rand', '-base64', '-out', `${file}.new`, '32'],
  });
  await world.shell.change({ words: ['mv', `${file}.new`, file] });
}

/** Each machine has a trail of its own, and so a key. Its public half is for auditors. */
async function auditKey(machine: string, { settings, shell }: World): Promise<void> {
  const folder = secretsOf(settings, machine);
  const file = keyFile(settings, machine, 'audit.key');
  if (existsSync(file) || !keysOfTier2(settings).includes('audit.key')) return;
  await shell.change({
    words: ['openssl', 'genpkey', '-algorithm', 'ed25519', '-out', `${file}.new`],
  });
  await shell.change({
    words: ['openssl', 'pkey', '-in', `${file}.new`, '-pubout', '-out', join(folder, 'audit.pub')],
  });
  await shell.change({ words: ['mv', `${file}.new`, file] });
}

/** Another key would part the trail from what was signed. One whose making was broken off is not lost: it was never used. */
function lostKeys(settings: Settings): readonly Fault[] {
  return settings.machines.flatMap(({ name }) => {
    const key = keyFile(settings, name, 'audit.key');
    const half = join(secretsOf(settings, name), 'audit.pub');
    if (existsSync(key) || existsSync(`${key}.new`) || !existsSync(half)) return [];
    const cure = `bring it back from where SECRETS is kept; where it is lost: docs/audit.md, "Keys made, kept, changed", then move ${half} to where auditors have it`;
    return new Fault(`${key} is gone, and its public half is there`, cure);
  });
}

/** Keys that the configuration names and nobody has; the configuration itself where that is not there. */
export function missingKeys(settings: Settings): readonly Fault[] {
  const unread = missingConfigurations(settings);
  if (unread.length > 0) return unread;
  const wanted = keysOfTier2(settings).filter((key) => !MADE.includes(key));
  return settings.machines.flatMap(({ name }) => {
    const missing = wanted.filter((key) => !existsSync(keyFile(settings, name, key)));
    return missing.map(
      (key) =>
        new Fault(
          `Tier 2 is to be handed ${key}, and ${settings.secrets} has no such file`,
          'put it there, for one machine into vm/MACHINE of it',
          ExitCode.NoInput,
        ),
    );
  });
}
