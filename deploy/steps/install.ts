/** Weir on a machine of tier 2: package, configuration and keys sent there, installed by vm/install.sh, and tried by vm/verify. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Machine, ROOT } from '../lib/settings.ts';
import type { Program } from '../lib/shell.ts';
import type { Step, World } from '../lib/step.ts';
import { areIn, named, refuseTakenBack } from '../lib/taken-back.ts';
import { abandon } from '../ways-back/goal.ts';
import { keysOfTier2 } from './configuration.ts';
import { keyFile, missingKeys } from './keys.ts';
import { missingPackage } from './needed-files.ts';
import { faultsOfOwn, ownCa, requireFit, secretsOf } from './pairs.ts';
import { hashOf, hashOfFolder, onMachine, SENT, vmScript } from './tools.ts';

/** Of install.sh: a drain, and a start. */
const INSTALL_MS = 40 * 60_000;
/** A package through IAP. */
const SEND_MS = 10 * 60_000;
/** In memory, and root's alone: keys never lie on the disk but where systemd takes them from. */
const KEYS = '/run/weir-deploy';
/** A machine that was just made answers within a minute or two. */
const TRIES = 18;
const BETWEEN_MS = 10_000;

/** Installs, then tries; back to installing where that fails, twice at most. */
export function stepsOfMachine(machine: Machine): readonly Step[] {
  const install = `vm-install:${machine.name}`;
  return [
    {
      id: install,
      title: `Weir is installed on ${machine.name}`,
      after: ['vm-firewall', 'keys'],
      patience: '20 minutes, while an old process drains',
      cure: 'see on the machine: journalctl -u weir -n 50',
      lacks: ({ settings }) => [
        ...missingPackage(settings),
        ...missingKeys(settings),
        ...faultsOfOwn(settings),
      ],
      inputs: ({ settings }) => [
        settings.text.PACKAGE_SHA256,
        hashOf(settings.vmSettings, ...publicFiles(settings, machine), ...keyFiles(settings, machine)),
        hashOfFolder(settings.tier2),
      ],
      run: (world) => installOn(machine, world),
    },
    {
      id: `vm-test:${machine.name}`,
      title: `Weir works on ${machine.name}`,
      after: [install],
      cure: 'each ✗ of vm/verify has what to do',
      back: { to: install, times: 2 },
      run: (world) => tryOn(machine, world),
    },
  ];
}

type Settings = World['settings'];

/** Stand beside the configuration: authority, certificate, and the public half of the audit trail's key, for vm/verify. */
function publicFiles(settings: Settings, { name }: Machine): readonly string[] {
  const audit = join(secretsOf(settings, name), 'audit.pub');
  const own = [`${ownCa(settings)}.pem`, join(secretsOf(settings, name), 't2.pem')];
  // A key that is yours may have been put there without it.
  const isMade = existsSync(audit) || !existsSync(keyFile(settings, name, 'audit.key'));
  return keysOfTier2(settings).includes('audit.key') && isMade ? [...own, audit] : own;
}

const keyFiles = (settings: Settings, { name }: Machine): readonly string[] =>
  keysOfTier2(settings).map((key) => keyFile(settings, name, key));

async function installOn(machine: Machine, world: World): Promise<undefined> {
  const { settings, shell } = world;
  if (!shell.isDry) requireFit(settings);
  const things = named(world, 'package', 'configuration');
  refuseTakenBack(world, things);
  await reach(machine, world);
  abandon(world);
  await send(machine, world, {
    files: [join(ROOT, 'vm'), settings.package, settings.vmSettings],
    command: `rm -rf ${SENT} && mkdir -m 700 ${SENT} && tar -x -C ${SENT}`,
  });
  const pack: Program['words'] = [
    'tar',
    '-c',
    '-h',
    '-C',
    settings.tier2,
    '.',
    ...wordsOf(publicFiles(settings, machine)),
  ];
  await shell.pipe(
    { words: pack },
    onMachine(world, machine, {
      run: `mkdir -p ${SENT}/tier-2 && tar -x -C ${SENT}/tier-2`,
      timeoutMs: SEND_MS,
    }),
  );
  await send(machine, world, {
    files: keyFiles(settings, machine),
    command: `sudo sh -c 'rm -rf ${KEYS} && mkdir -m 700 ${KEYS} && tar -x -C ${KEYS}'`,
    isSecret: true,
  });
  await shell.change(onMachine(world, machine, { run: installation(settings), timeoutMs: INSTALL_MS }));
  areIn(world, things);
}

interface Sent {
  readonly files: readonly string[];
  readonly command: string;
  readonly isSecret?: boolean;
}

function send(machine: Machine, world: World, { files, command, isSecret = false }: Sent): Promise<string> {
  const words: Program['words'] = ['tar', '-c', '-h', ...wordsOf(files)];
  return world.shell.pipe(
    { words, isSecret },
    onMachine(world, machine, { run: command, isSecret, timeoutMs: SEND_MS }),
  );
}

/** Each file by its own name, whichever folder it is in. */
function wordsOf(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => ['-C', dirname(file), basename(file)]);
}

/** The keys go away however it ends. */
function installation(settings: Settings): string {
  const file = (path: string): string => `${SENT}/${basename(path)}`;
  const install = [
    `sudo ${SENT}/vm/install.sh --settings ${file(settings.vmSettings)} --package ${file(settings.package)}`,
    `--sha256 ${settings.text.PACKAGE_SHA256} --configuration ${SENT}/tier-2 --keys ${KEYS}`,
  ].join(' ');
  return `${install}; status=$?; sudo rm -rf ${KEYS}; exit $status`;
}

async function reach(machine: Machine, world: World): Promise<void> {
  if (world.shell.isDry) return;
  for (let tries = 1; tries < TRIES; tries += 1) {
    const { status } = await world.shell.ask(onMachine(world, machine, { run: 'true' }));
    if (status === 0) return;
    await world.pause(BETWEEN_MS);
  }
  await world.shell.look(onMachine(world, machine, { run: 'true' }));
}

async function tryOn(machine: Machine, world: World): Promise<undefined> {
  const run = vmScript(world, 'verify');
  await world.shell.change(onMachine(world, machine, { run, timeoutMs: 5 * 60_000 }));
}
