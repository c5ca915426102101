/** The machines of tier 2, their way out and the firewall around them: the scripts of vm/, which look before they change anything. */
import { join } from 'node:path';
import { ROOT } from '../lib/settings.ts';
import type { Step, World } from '../lib/step.ts';
import { hashOf } from './tools.ts';

const MINUTES_MS = 60_000;

export const vmCreate: Step = {
  id: 'vm-create',
  title: 'The machines of tier 2 and their way out are there',
  patience: 'some minutes, where they are made',
  cure: 'do what vm/create.sh says; vm/README.md has what each part is for',
  inputs: ({ settings }) => hashOf(settings.vmSettings),
  run: (world) => script('create.sh', world),
};

export const vmFirewall: Step = {
  id: 'vm-firewall',
  title: 'The firewall lets in and out what it should, and nothing else',
  after: ['vm-create'],
  cure: 'do what vm/firewall.sh says; a rule of somebody else that comes before these is no small thing',
  inputs: ({ settings }) => hashOf(settings.vmSettings),
  run: (world) => script('firewall.sh', world),
};

async function script(name: string, { shell, settings }: World): Promise<undefined> {
  const words = [join(ROOT, 'vm', name), '--settings', settings.vmSettings] as const;
  await shell.script({ words, timeoutMs: 20 * MINUTES_MS });
}
