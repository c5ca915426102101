/**
 * The key of hops, one for both tiers, and whatever else tier 2 is to be handed: made where it is missing, but taken from the cluster
 * where that has it already, for another one would part the tiers.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../lib/fault.ts';
import type { Settings } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { secretsOf } from './certificates.ts';
import { keysOfTier2 } from './configuration.ts';
import { takeSecret } from './take-secret.ts';
import { kubectl, NAMESPACE } from './tools.ts';

export const keys: Step = {
  id: 'keys',
  title: 'The key of hops and the other keys of tier 2 are there',
  after: ['certificates'],
  cure: 'see who may write SECRETS',
  inputs: ({ settings }) => [keysOfTier2(settings), settings.machines.map(({ name }) => name)],
  async run(world) {
    await hopKey(world);
    for (const { name } of world.settings.machines) await auditKey(name, world);
    if (!world.shell.isDry) allThere(world.settings);
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

/** @throws {Fault} for a key that the configuration names and nobody has */
function allThere(settings: Settings): void {
  for (const { name } of settings.machines) {
    const missing = keysOfTier2(settings).filter((key) => !existsSync(keyFile(settings, name, key)));
    if (missing.length > 0)
      throw new Fault(
        `Tier 2 is to be handed ${missing.join(', ')}, and ${settings.secrets} has no such file`,
        'put it there, for one machine into vm/MACHINE of it',
      );
  }
}
